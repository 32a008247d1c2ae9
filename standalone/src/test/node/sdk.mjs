// What an application does with the official client, against the gateway at BASE_URL. Prints one line per check and
// exits 1 at the first that fails.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from 'openai';

const { BASE_URL, API_KEY, LIMITED_KEY, SANDBOX_URL } = process.env;
const client = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: BASE_URL.replace('/v1', ''), apiKey: API_KEY, maxRetries: 0 });

const sandbox = async () => (await fetch(`${SANDBOX_URL}/sandbox/stats`)).json();
const behave = (behaviour) =>
  fetch(`${SANDBOX_URL}/sandbox/behaviour`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(behaviour) });

async function until(what, condition, millis) {
  const deadline = Date.now() + millis;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`not within ${millis} ms: ${what}`);
}

const cosine = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

const checks = {
  async 'lists models and fetches one by name'() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes('sandbox-embed') && ids.includes('sandbox-chat'), ids.join());
    assert.equal((await client.models.retrieve('sandbox-chat')).id, 'sandbox-chat');
  },

  async 'embeds 50 texts concurrently, each caller its own vector, in few calls'() {
    const before = await sandbox();
    const texts = Array.from({ length: 50 }, (_, i) => `text number ${i} about ${['rivers', 'turbines', 'dams'][i % 3]}`);
    const answers = await Promise.all(texts.map((input) => client.embeddings.create({ model: 'sandbox-embed', input })));
    const after = await sandbox();
    const whole = await client.embeddings.create({ model: 'sandbox-embed', input: texts });
    answers.forEach((answer, i) => {
      assert.equal(answer.data.length, 1);
      assert.equal(answer.data[0].embedding.length, whole.data[i].embedding.length);
      assert.ok(cosine(answer.data[0].embedding, whole.data[i].embedding) > 0.999, `vector ${i} belongs to another text`);
      assert.equal(whole.data[i].index, i);
    });
    const calls = after.calls - before.calls;
    assert.ok(calls <= 12, `${calls} calls for 50 texts`);
  },

  async 'gives floats and base64 as asked'() {
    const ask = (encoding_format) => client.embeddings.create({ model: 'sandbox-embed', input: 'one text', encoding_format });
    const floats = (await ask('float')).data[0].embedding;
    const base64 = (await ask('base64')).data[0].embedding;
    assert.equal(typeof base64, 'string');
    const decoded = new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
    floats.forEach((value, i) => assert.ok(Math.abs(value - decoded[i]) < 1e-6));
  },

  async 'chats'() {
    const answer = await client.chat.completions.create({ model: 'sandbox-chat', messages: [{ role: 'user', content: 'Say hello.' }] });
    assert.equal(answer.object, 'chat.completion');
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.usage.total_tokens > 0);
    assert.ok(answer._request_id);
  },

  async 'streams, with usage where asked and without where not'() {
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({
        model: 'sandbox-chat',
        messages: [{ role: 'user', content: 'Say hello.' }],
        stream: true,
        ...(include_usage ? { stream_options: { include_usage } } : {}),
      });
      let text = '';
      let finish = null;
      let usage = null;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta?.content ?? '';
        finish = chunk.choices[0]?.finish_reason ?? finish;
        usage = chunk.usage ?? usage;
      }
      assert.ok(text.length > 0);
      assert.equal(finish, 'stop');
      assert.equal(usage !== null, include_usage);
    }
  },

  async 'completes a prompt, whole and streamed'() {
    const whole = await client.completions.create({ model: 'sandbox-chat', prompt: 'Say hello.' });
    assert.equal(whole.object, 'text_completion');
    assert.ok(whole.choices[0].text.length > 0);
    let text = '';
    for await (const chunk of await client.completions.create({ model: 'sandbox-chat', prompt: 'Say hello.', stream: true })) text += chunk.choices[0]?.text ?? '';
    assert.equal(text, whole.choices[0].text);
  },

  async 'asks for responses, whole, streamed by event, and by the helper'() {
    const whole = await client.responses.create({ model: 'sandbox-chat', input: 'Say hello.' });
    assert.ok(whole.output_text.length > 0);
    assert.ok(whole.usage.total_tokens > 0);
    let text = '';
    let last = '';
    for await (const event of await client.responses.create({ model: 'sandbox-chat', input: 'Say hello.', stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      last = event.type;
    }
    assert.equal(text, whole.output_text);
    assert.equal(last, 'response.completed');
    const final = await client.responses.stream({ model: 'sandbox-chat', input: 'Say hello.' }).finalResponse();
    assert.equal(final.output_text, whole.output_text);
    await assert.rejects(client.responses.retrieve('resp_1'), (e) => e instanceof NotFoundError);
  },

  async 'moderates without naming a model'() {
    const answer = await client.moderations.create({ input: ['a nice day', 'awful terrible bad hate'] });
    assert.deepEqual(answer.results.map((result) => result.flagged), [false, true]);
  },

  async "serves Anthropic's client: messages, streams, counts and errors"() {
    for (const model of ['sandbox-chat', 'sandbox-chat-claude']) {
      const message = await anthropic.messages.create({ model, max_tokens: 200, messages: [{ role: 'user', content: 'Say hello.' }] });
      assert.equal(message.type, 'message');
      assert.equal(message.stop_reason, 'end_turn');
      assert.ok(message.content[0].text.length > 0);
      assert.ok(message._request_id);
      const stream = anthropic.messages.stream({ model, max_tokens: 200, messages: [{ role: 'user', content: 'Say hello.' }] });
      let text = '';
      stream.on('text', (piece) => (text += piece));
      const final = await stream.finalMessage();
      assert.equal(text, message.content[0].text);
      assert.equal(final.content[0].text, text);
      assert.ok(final.usage.output_tokens > 0);
      const counted = await anthropic.messages.countTokens({ model, messages: [{ role: 'user', content: 'Say hello.' }] });
      assert.ok(counted.input_tokens > 0);
      const cut = await anthropic.messages.create({ model, max_tokens: 2, messages: [{ role: 'user', content: 'Say hello.' }] });
      assert.equal(cut.stop_reason, 'max_tokens');
    }
    const nobody = new Anthropic({ baseURL: BASE_URL.replace('/v1', ''), apiKey: 'psk-nobody', maxRetries: 0 });
    const ask = { max_tokens: 9, messages: [{ role: 'user', content: 'x' }] };
    await assert.rejects(nobody.messages.create({ model: 'sandbox-chat', ...ask }), (e) => e instanceof Anthropic.AuthenticationError);
    await assert.rejects(anthropic.messages.create({ model: 'no-such-model', ...ask }), (e) => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error');
    await assert.rejects(anthropic.messages.create({ model: 'sandbox-chat', messages: [] }), (e) => e instanceof Anthropic.BadRequestError);
  },

  async "serves OpenAI's client from a server that speaks Anthropic's API"() {
    const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Say hello.' }];
    const answer = await client.chat.completions.create({ model: 'sandbox-chat-claude', messages });
    assert.equal(answer.choices[0].finish_reason, 'stop');
    let text = '';
    let usage = null;
    for await (const chunk of await client.chat.completions.create({ model: 'sandbox-chat-claude', messages, stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, answer.choices[0].message.content);
    assert.equal(usage.total_tokens, answer.usage.total_tokens);
  },

  async "calls tools through Anthropic's client, whole and streamed, on servers of both kinds"() {
    const tools = [{ name: 'weather', description: 'Tells the weather.', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }];
    for (const model of ['sandbox-chat', 'sandbox-chat-claude']) {
      const ask = { model, max_tokens: 200, tools, tool_choice: { type: 'tool', name: 'weather' }, messages: [{ role: 'user', content: 'How is the weather in Rome?' }] };
      const message = await anthropic.messages.create(ask);
      const use = message.content.find((block) => block.type === 'tool_use');
      assert.equal(message.stop_reason, 'tool_use', JSON.stringify(message));
      assert.equal(use.name, 'weather');
      assert.equal(typeof use.input, 'object');
      const streamed = await anthropic.messages.stream(ask).finalMessage();
      const same = streamed.content.find((block) => block.type === 'tool_use');
      assert.deepEqual(same.input, use.input);
      const answered = await anthropic.messages.create({
        ...ask,
        tool_choice: { type: 'auto' },
        messages: [...ask.messages, { role: 'assistant', content: message.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny' }] }],
      });
      assert.equal(answered.type, 'message');
    }
  },

  async "lists models in Anthropic's form for its client"() {
    const ids = [];
    for await (const model of anthropic.models.list()) ids.push(model.id);
    assert.ok(ids.includes('sandbox-chat-claude') && ids.includes('either'), ids.join());
    assert.equal((await anthropic.models.retrieve('sandbox-chat')).type, 'model');
    await assert.rejects(anthropic.models.retrieve('no-such-model'), (e) => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error');
  },

  async 'answers a key of idempotency once: the next time, to a second caller meanwhile, and as a stream'() {
    const before = (await sandbox()).calls;
    const body = { model: 'sandbox-chat', messages: [{ role: 'user', content: 'Only once.' }] };
    const send = (key, more = {}) => client.chat.completions.create({ ...body, ...more }, { headers: { 'Idempotency-Key': key } });
    const [one, two] = await Promise.all([send('node-1'), send('node-1')]);
    const three = await send('node-1').withResponse();
    assert.equal(one.id, two.id);
    assert.equal(three.data.id, one.id);
    assert.equal(three.response.headers.get('idempotent-replayed'), 'true');
    assert.equal((await sandbox()).calls, before + 1);
    await assert.rejects(send('node-1', { temperature: 0.5 }), (e) => e.status === 422 && e.param === 'Idempotency-Key');
    const read = async (stream) => {
      const ids = new Set();
      let text = '';
      for await (const chunk of stream) {
        ids.add(chunk.id);
        text += chunk.choices[0]?.delta?.content ?? '';
      }
      return [[...ids], text];
    };
    const streamed = await read(await send('node-2', { stream: true }));
    let again = null;
    await until('the stream is kept', async () => {
      again = await send('node-2', { stream: true }).catch((e) => (e.status === 409 ? null : assert.fail(e)));
      return again !== null;
    }, 5000);
    assert.deepEqual(await read(again), streamed);
    assert.equal((await sandbox()).calls, before + 2);
  },

  async 'calls what stands behind another name'() {
    const { data, response } = await client.chat.completions.create({ model: 'either', messages: [{ role: 'user', content: 'Say hello.' }] }).withResponse();
    assert.ok(data.choices[0].message.content.length > 0);
    assert.ok(['sandbox-chat', 'sandbox-chat-claude'].includes(response.headers.get('x-penstock-model')));
  },

  async 'passes on the first token before the last is made'() {
    await behave({ tokens_per_second: 20 });
    const started = Date.now();
    const stream = await client.chat.completions.create({ model: 'sandbox-chat', messages: [{ role: 'user', content: 'Count.' }], stream: true, min_tokens: 30, max_tokens: 40 });
    let first = 0;
    for await (const chunk of stream) if (first === 0 && chunk.choices[0]?.delta?.content) first = Date.now() - started;
    const total = Date.now() - started;
    await behave({ tokens_per_second: 2000 });
    assert.ok(first > 0 && first < total / 2, `first token after ${first} of ${total} ms`);
  },

  async 'is refused with the right error for each reason'() {
    const stranger = new OpenAI({ baseURL: BASE_URL, apiKey: 'psk-nobody', maxRetries: 0 });
    await assert.rejects(stranger.models.list(), (e) => e instanceof AuthenticationError && e.code === 'invalid_api_key');
    await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages: [{ role: 'user', content: 'x' }] }), (e) => e instanceof NotFoundError && e.code === 'model_not_found');
    await assert.rejects(client.chat.completions.create({ model: 'sandbox-chat', messages: 'x' }), (e) => e instanceof BadRequestError && e.param === 'messages');
    await assert.rejects(client.embeddings.create({ model: 'sandbox-embed', input: [] }), (e) => e instanceof BadRequestError && e.param === 'input');
  },

  async 'is told when to come back after too many requests'() {
    const limited = new OpenAI({ baseURL: BASE_URL, apiKey: LIMITED_KEY, maxRetries: 0 });
    let refusal = null;
    for (let i = 0; i < 40 && refusal === null; i++) {
      await limited.models.list().catch((e) => (refusal = e));
    }
    assert.ok(refusal instanceof RateLimitError, String(refusal));
    assert.equal(refusal.code, 'rate_limit_exceeded');
    assert.ok(Number(refusal.headers.get('retry-after')) >= 1);
    assert.ok(Number(refusal.headers.get('retry-after-ms')) > 0);
  },

  async 'is cancelled in mid-stream and the backend sees it within a second'() {
    await behave({ tokens_per_second: 20 });
    const before = (await sandbox()).cancelled;
    const stream = await client.chat.completions.create({ model: 'sandbox-chat', messages: [{ role: 'user', content: 'Go on.' }], stream: true, min_tokens: 400, max_tokens: 500 });
    let seen = 0;
    try {
      for await (const chunk of stream) if (++seen === 5) stream.controller.abort();
    } catch (e) {
      assert.ok(e instanceof APIUserAbortError, String(e));
    }
    await until('the backend saw the cancellation', async () => (await sandbox()).cancelled > before, 1000);
    await behave({ tokens_per_second: 2000 });
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok   ${name}`);
  } catch (e) {
    console.log(`FAIL ${name}\n${e.stack}`);
    process.exit(1);
  }
}

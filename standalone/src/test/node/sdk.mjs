// What an application does with the official client, against the gateway at BASE_URL. Prints one line per check and
// exits 1 at the first that fails.
import assert from 'node:assert/strict';
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from 'openai';

const { BASE_URL, API_KEY, LIMITED_KEY, SANDBOX_URL } = process.env;
const client = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, maxRetries: 0 });

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

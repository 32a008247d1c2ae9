import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

it.each([
  ['turns text into markup', /\b(?:innerHTML|outerHTML|insertAdjacentHTML|DOMParser|createContextualFragment|document\.write)\b/],
  ['runs text as code', /\beval\s*\(|new Function\b/],
  ['sets a style attribute, which the content security policy refuses', /setAttribute\(\s*'style'|\bstyle:\s*['"`]|cssText/],
  ['writes to the console', /\bconsole\./],
])('no source %s', (_what, pattern) => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => pattern.test(readFileSync(file, 'utf8')))).toEqual([]);
});

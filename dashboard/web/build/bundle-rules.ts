import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';
import type { Plugin, ResolvedConfig } from 'vite';

const require = createRequire(import.meta.url);
// Imported as a module it would be its browser build, which loads itself with fetch.
const brotli = require('brotli-wasm') as typeof import('brotli-wasm', { with: { 'resolution-mode': 'require' } });

const KB = 1024;
const ENTRY_BUDGET = 250 * KB;
const ASSET_BUDGET = 250 * KB;
const TOTAL_BUDGET = 2048 * KB;

/** Packages whose code ends up in the bundle; their licences travel with it. */
const BUNDLED_PACKAGES = ['uplot'];

const COMPRESSIBLE = /\.(?:js|css|svg|html|json|txt)$/;

/** What must never be in the bundle: the first for tidiness, the others because the content security policy forbids them. */
const FORBIDDEN: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bconsole\s*\.\s*\w+\s*\(/, 'a console call'],
  [/\beval\s*\(/, 'eval'],
  [/\bnew\s+Function\s*\(/, 'new Function'],
  [/\bdocument\.write\s*\(/, 'document.write'],
  [/\bsourceMappingURL=/, 'a source map reference'],
];

const FORBIDDEN_HTML: ReadonlyArray<readonly [RegExp, string]> = [
  [/<script(?![^>]*\bsrc=)[^>]*>/i, 'an inline script'],
  [/<style/i, 'an inline style sheet'],
  [/\sstyle=/i, 'a style attribute'],
  [/\son\w+=/i, 'an event attribute'],
  [/(?:src|href)="(?:https?:)?\/\//i, 'a reference to another host'],
];

/**
 * Checks the finished bundle against the rules above and its size budgets, then writes a `.br` and a `.gz` beside each
 * file. Both compressors are JavaScript and WebAssembly from the lock file, not Node's zlib: zlib's output differs
 * between Node versions and processors, and the bundle must come out the same everywhere.
 */
export function bundleRules(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'penstock-bundle-rules',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    transformIndexHtml: {
      order: 'post',
      // The script sets the chosen theme; holding the first paint for it avoids a flash of the other one.
      handler: (html) =>
        html.replaceAll(' crossorigin', '').replace('<script type="module"', '<script type="module" blocking="render"'),
    },
    closeBundle: {
      order: 'post',
      handler() {
        const out = config.build.outDir;
        writeLicences(out);
        const files = list(out);
        const problems = files.flatMap((file) => inspect(out, file));
        compress(files);
        problems.push(...checkTotal(out));
        if (problems.length > 0) {
          throw new Error('the bundle breaks its rules:\n  ' + problems.join('\n  '));
        }
      },
    },
  };
}

function list(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function inspect(out: string, file: string): string[] {
  const name = relative(out, file);
  const size = statSync(file).size;
  const isEntry = /^assets\/index-[^/]*\.js$/.test(name);
  const budget = isEntry ? ENTRY_BUDGET : ASSET_BUDGET;
  const problems = size > budget ? [`${name} is ${size} bytes, over its budget of ${budget}`] : [];
  const rules = name.endsWith('.html') ? FORBIDDEN_HTML : name.endsWith('.js') ? FORBIDDEN : [];
  const text = rules.length > 0 ? readFileSync(file, 'utf8') : '';
  return problems.concat(rules.filter(([pattern]) => pattern.test(text)).map(([, what]) => `${name} contains ${what}`));
}

function checkTotal(out: string): string[] {
  const total = list(out).reduce((sum, file) => sum + statSync(file).size, 0);
  return total > TOTAL_BUDGET ? [`all files together are ${total} bytes, over the budget of ${TOTAL_BUDGET}`] : [];
}

function compress(files: readonly string[]): void {
  for (const file of files.filter((name) => COMPRESSIBLE.test(name))) {
    const bytes = readFileSync(file);
    writeFileSync(`${file}.br`, brotli.compress(bytes, { quality: 11 }));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9, mtime: 0 }));
  }
}

function writeLicences(out: string): void {
  const texts = BUNDLED_PACKAGES.map((name) => {
    const dir = dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
    const { version } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { version: string };
    return `${name} ${version}\n\n${readFileSync(join(dir, 'LICENSE'), 'utf8').trim()}\n`;
  });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'licenses.txt'), `The dashboard contains code of these packages.\n\n${texts.join('\n')}`);
}

import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { bundleRules } from './build/bundle-rules.ts';

export default defineConfig({
  base: '/dashboard/',
  plugins: [bundleRules()],
  build: {
    // PENSTOCK_BUNDLE_DIR lets ../check-bundle build somewhere else than over the committed bundle.
    outDir:
      process.env['PENSTOCK_BUNDLE_DIR'] ??
      fileURLToPath(new URL('../src/main/resources/dashboard', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: 'es2022',
    assetsDir: 'assets',
    // data: URLs would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
  test: { include: ['test/**/*.test.ts'], exclude: configDefaults.exclude, environment: 'node' },
});

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const SCREENS = ['customer', 'clerk', 'rider', 'dispatcher', 'hq']
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const behind = process.env.O2O_API ?? 'http://127.0.0.1:8000'

/** While developing: every page of a screen is its one entry, as the server has it in earnest. */
const pages: Plugin = {
  name: 'pages-of-screens',
  configureServer(server) {
    server.middlewares.use((request, _answer, next) => {
      const [, screen, rest = ''] = /^\/([a-z]+)\/([^?]*)/.exec(request.url ?? '') ?? []
      if (screen && SCREENS.includes(screen) && !rest.includes('.')) request.url = `/${screen}/index.html`
      next()
    })
  },
}

export default defineConfig({
  plugins: [
    vue(),
    pages,
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/offline',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false,
      // Only the pages are fetched ahead; hashed assets are kept when first used, so a shopper never downloads the dispatcher's desk.
      injectManifest: { globPatterns: ['**/index.html', '*.svg', '*.webmanifest'] },
    }),
  ],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: here('../o2o/screens/web'),
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: Object.fromEntries([['index', here('./index.html')], ...SCREENS.map((screen) => [screen, here(`./${screen}/index.html`)])]),
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': behind, '/map': behind } },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'], testTimeout: 120_000 },
})

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const behind = process.env.O2O_API ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [
    vue(),
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
      input: {
        index: here('./index.html'),
        customer: here('./customer/index.html'),
        clerk: here('./clerk/index.html'),
        rider: here('./rider/index.html'),
        dispatcher: here('./dispatcher/index.html'),
      },
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': behind, '/map': behind } },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'] },
})

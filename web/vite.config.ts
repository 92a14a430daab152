import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const house = process.env['PORCHLIGHT_URL'] ?? 'http://127.0.0.1:8440';

export default defineConfig({
  plugins: [react()],
  // Without subtitles, alternative audio and content protection, none of which a camera has.
  resolve: { alias: [{ find: /^hls\.js$/, replacement: 'hls.js/light' }] },
  build: {
    target: ['chrome111', 'firefox114', 'safari16.4'],
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'hls', test: /node_modules[\\/]hls\.js/ },
            { name: 'mantine', test: /node_modules[\\/](@mantine|@floating-ui|@tabler)/ },
            { name: 'react', test: /node_modules[\\/](react|react-dom|react-router|scheduler|@tanstack)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { port: 5173, proxy: { '/api': { target: house, ws: true } } },
});

/** Keeps the screen usable without a network; only in a built app on a secure origin. */
export function registerOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !window.isSecureContext) return
  window.addEventListener('load', () => void navigator.serviceWorker.register('/sw.js'))
}

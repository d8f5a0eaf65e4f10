/** The cabinet's own files on this device, and word of a newer version of them. */

interface Trusted { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): unknown } }

/** The one script address that the page's policy lets through. */
const policy = (globalThis as { trustedTypes?: Trusted }).trustedTypes?.createPolicy('sw', { createScriptURL: (url) => url });
const HOUR_MS = 3_600_000;

class Update {
  /** A newer version is on this device and waits to be used. */
  ready = $state(false);
  /** Another version took over while this page was open: files it has not loaded yet may be gone. */
  changed = false;
  #registration: ServiceWorkerRegistration | null = null;

  async start(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    if (navigator.serviceWorker.controller) navigator.serviceWorker.addEventListener('controllerchange', () => (this.changed = true));
    const url = (policy?.createScriptURL('/sw.js') ?? '/sw.js') as string;
    try {
      this.#registration = await navigator.serviceWorker.register(url, { updateViaCache: 'none' });
    } catch {
      return; // A private window, or no room: the cabinet works without.
    }
    const registration = this.#registration;
    const look = (worker: ServiceWorker | null) => {
      // Without a worker in charge this is the first visit, not an update.
      if (worker?.state === 'installed' && navigator.serviceWorker.controller) this.ready = true;
    };
    look(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => look(worker));
    });
    const ask = () => void registration.update().catch(() => undefined);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
    setInterval(ask, HOUR_MS);
  }

  /** Use the newer version: this page loads anew at once, others when they need a file that is gone. */
  use(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    this.#registration?.waiting?.postMessage('use');
  }
}

export const update = new Update();

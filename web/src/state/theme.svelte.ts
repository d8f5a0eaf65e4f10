/** Light, dark, or as the system says. */
export type Theme = 'system' | 'light' | 'dark';

class ThemeState {
  value = $state<Theme>('system');

  start(): void {
    let kept: string | null = null;
    try { kept = localStorage.getItem('lkk.theme'); } catch { /* private mode */ }
    this.use(kept === 'light' || kept === 'dark' ? kept : 'system');
  }

  use(theme: Theme): void {
    this.value = theme;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    try { localStorage.setItem('lkk.theme', theme); } catch { /* private mode */ }
  }
}

export const theme = new ThemeState();

/** Names in index.html what every page needs, so that the browser asks for it before any script has run. */
import type { HtmlTagDescriptor, Plugin } from 'vite';

/** What chunks hold that no page goes without: the frame, what pages share, and the bundler's own few lines. */
const ALWAYS = /\/src\/(begin\.ts|ui\/Field\.svelte)$|rolldown\/runtime/;

export function loadAhead(): Plugin {
  return {
    name: 'load-ahead',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        // Styles are one file, which Vite names itself.
        const tags = Object.values(bundle)
          .filter((each) => each.type === 'chunk' && each.moduleIds.some((id) => ALWAYS.test(id)))
          .map(({ fileName }): HtmlTagDescriptor => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` }, injectTo: 'head' }));
        // Nothing is painted before the first script has run, which takes the page's next files along: it is as small as
        // the styles, and what it does after the first paint would stop a finger.
        return { html: html.replace('<script type="module"', '$& blocking="render"'), tags };
      },
    },
  };
}

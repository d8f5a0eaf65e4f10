/** Writes sw.js beside the built files, with their list and a version that changes when any of them does. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';

/** Not needed without a connection. */
const LEFT_OUT = /\.(map|txt|png)$/;

export function serviceWorker(): Plugin {
  let publicDir = '';
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const contents = new Map<string, string | Uint8Array>();
        for (const each of Object.values(bundle)) contents.set(`/${each.fileName}`, each.type === 'chunk' ? each.code : each.source);
        for (const file of readdirSync(publicDir, { recursive: true, withFileTypes: true })) {
          const path = join(file.parentPath, file.name);
          if (file.isFile()) contents.set(`/${relative(publicDir, path)}`, readFileSync(path));
        }
        const files = [...contents.keys()].filter((name) => !LEFT_OUT.test(name)).sort();
        const hash = createHash('sha256');
        for (const name of files) hash.update(name).update(contents.get(name) ?? '');
        const source = readFileSync(new URL('./src/worker/sw.js', import.meta.url), 'utf8')
          .replace('__VERSION__', hash.digest('hex').slice(0, 16))
          .replace("['__FILES__']", JSON.stringify(files));
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}

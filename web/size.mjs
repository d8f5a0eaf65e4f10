// Fails when the script of the first load is over the limit: 60 kB compressed.
import { firstLoadBytes } from './first-load.mjs';

const LIMIT = 60_000;
const { bytes, files } = firstLoadBytes('dist');
console.log(`First load: ${(bytes / 1000).toFixed(1)} kB of compressed script in ${files} files; the limit is ${LIMIT / 1000}`);
process.exit(bytes === 0 || bytes > LIMIT ? 1 : 0);

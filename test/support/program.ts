import { join } from 'node:path';

/** The bundled program of this test run (see build-program.ts). */
export const mainScript = join(process.env['PLINTH_BUNDLE'] ?? '', 'plinth.js');

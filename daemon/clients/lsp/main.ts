import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { serve } from './server.ts';

/** Runs the language server on standard input and output, to which nothing else may write. */
export function serveStdio(): void {
  const [input, output] = [new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout)];
  serve(createConnection(ProposedFeatures.all, input, output));
}

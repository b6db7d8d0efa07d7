import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { serve } from './server.ts';

/** The language server on standard input and output, which nothing else may write to. */
export function serveStdio(): void {
  const [input, output] = [new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout)];
  serve(createConnection(ProposedFeatures.all, input, output));
}

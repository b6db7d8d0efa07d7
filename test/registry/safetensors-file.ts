/** Returns a safetensors file of float32 vectors, as the library writes it. */
export function safetensorsFile(tensors: Record<string, Float32Array>): Buffer {
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { length }]) => {
      const begin = end;
      end += 4 * length;
      return [name, { dtype: 'F32', shape: [length], data_offsets: [begin, end] }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const parts = Object.values(tensors).map((numbers) =>
    Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength),
  );
  return Buffer.concat([size, text, ...parts]);
}

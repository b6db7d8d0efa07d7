import { X509Certificate } from 'node:crypto';
import { RegistryError, messageOf } from '../errors.ts';

const maxCertificates = 20;
const blocks = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Returns the certificates of a PEM file, and nothing else of it. Throws `invalid-request` if it has none, or one that is over, or
 * holds a private key, which belongs nowhere near here.
 */
export function certificatesIn(pem: string, now: number): string {
  if (pem.includes('PRIVATE KEY'))
    throw new RegistryError('invalid-request', 'The file with the certificate contains a private key. Give only the certificate of the authority.'); // prettier-ignore
  const found = pem.match(blocks) ?? [];
  if (found.length === 0 || found.length > maxCertificates)
    throw new RegistryError('invalid-request', `The certificate of an authority is a PEM file with 1 to ${maxCertificates} certificates.`); // prettier-ignore
  for (const one of found) checkCertificate(one, now);
  return found.join('\n');
}

function checkCertificate(pem: string, now: number): void {
  const certificate = opened(pem);
  if (Date.parse(certificate.validTo) < now)
    throw new RegistryError('invalid-request', `The certificate of the authority is valid until ${certificate.validTo} only. Get its new one.`); // prettier-ignore
}

function opened(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new RegistryError('invalid-request', `The certificate of the authority cannot be read: ${messageOf(error)}.`);
  }
}

// Standard input: {"public", "seed" (both base64url), "kid", "now", "tokens": [ours], "wishes": [{header, claims}]}. Standard
// output: what jose makes of our tokens (the payload, or its error's code), and the tokens it signed as wished.
import {SignJWT, importJWK, jwtVerify} from 'jose';
import {readFileSync} from 'node:fs';

const asked = JSON.parse(readFileSync(0, 'utf8'));
const shape = {kty: 'OKP', crv: 'Ed25519', x: asked.public};
const publicKey = await importJWK(shape, 'EdDSA');
const secretKey = await importJWK({...shape, d: asked.seed}, 'EdDSA');
const rules = {issuer: 'renxin-identity', audience: 'renxin', algorithms: ['EdDSA'], typ: 'JWT', currentDate: new Date(asked.now * 1000)};

const read = [];
for (const token of asked.tokens) {
  try {
    const {payload, protectedHeader} = await jwtVerify(token, publicKey, rules);
    read.push({payload, header: protectedHeader});
  } catch (error) {
    read.push({code: error.code});
  }
}
const signed = [];
for (const {header, claims} of asked.wishes) {
  signed.push(await new SignJWT(claims).setProtectedHeader({alg: 'EdDSA', kid: asked.kid, typ: 'JWT', ...header}).sign(secretKey));
}
process.stdout.write(JSON.stringify({node: process.version, read, signed}));

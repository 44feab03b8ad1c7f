#!/usr/bin/env bash
# Guess: a service that checks tokens takes one whose `iat` lies two seconds ahead of its own clock, in any language:
# RFC 7519 has `nbf` for the instant before which a token must not be taken, and gives `iat` no such rule. What expires
# in 15 minutes does not fail over two seconds.
#
# What happens: JavaScript's libraries take it. Three of Python's refuse it, though the signature and `exp` are right and
# there is no `nbf`: PyJWT raises ImmatureSignatureError, Authlib and joserfc raise InvalidTokenError. They take it two
# seconds later, so a client that signs in and calls at once is refused by a service whose clock is a little behind, and
# nobody finds out why afterwards. With a leeway all take it; the default is none.
#
# Versions: PyJWT 2.10.1, Authlib 1.6.5, joserfc 1.4.0 and cryptography 45.0.7 on Python 3; jose 6.1.0 and fast-jwt 6.0.2.
# Source: PyJWT's _validate_iat, and validate_iat of the other two, compare `iat` with now plus the leeway. jose asks for `iat` only
# when maxTokenAge is set.
#
# For our users: access tokens have an `iat` by the clock of the server that made them. A Python service that checks
# them by the key set needs a leeway of some seconds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit jose@6.1.0 fast-jwt@6.0.2
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check PyJWT==2.10.1 Authlib==1.6.5 joserfc==1.4.0 cryptography==45.0.7

cat >make.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { createVerifier } from 'fast-jwt';
import { exportJWK, exportSPKI, generateKeyPair, jwtVerify, SignJWT } from 'jose';

const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
const pem = await exportSPKI(publicKey);
writeFileSync('key.pem', pem);
writeFileSync('key.json', JSON.stringify(await exportJWK(publicKey)));
const checks = {
  jose: (token) => jwtVerify(token, publicKey),
  'fast-jwt': (token) => createVerifier({ key: pem })(token),
};
// Half a minute ahead stands for two seconds, so that a slow machine does not catch up.
for (const [name, lead] of [['now', 0], ['ahead', 30]]) {
  const issued = Math.floor(Date.now() / 1000) + lead;
  const token = await new SignJWT({ sub: 'ada', iat: issued, exp: issued + 900 })
    .setProtectedHeader({ alg: 'EdDSA' })
    .sign(privateKey);
  writeFileSync(name, token);
  for (const [library, check] of Object.entries(checks)) {
    try {
      await check(token);
      console.log(`${library}, ${name}: taken`);
    } catch (error) {
      console.log(`${library}, ${name}: ${error.name}`);
    }
  }
}
JS

cat >check.py <<'PYTHON'
import json, warnings
warnings.filterwarnings("ignore")
import jwt
from authlib.jose import JsonWebKey, JsonWebToken
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import OKPKey

pem = open("key.pem").read()
jwk = json.load(open("key.json"))

def pyjwt(token, leeway):
    jwt.decode(token, pem, algorithms=["EdDSA"], leeway=leeway)

def authlib(token, leeway):
    JsonWebToken(["EdDSA"]).decode(token, JsonWebKey.import_key(jwk)).validate(leeway=leeway)

def joserfc(token, leeway):
    claims = joserfc_jwt.decode(token, OKPKey.import_key(jwk), algorithms=["EdDSA"]).claims
    joserfc_jwt.JWTClaimsRegistry(leeway=leeway).validate(claims)

for name, leeway in (("now", 0), ("ahead", 0), ("ahead", 60)):
    token = open(name).read()
    for check in (pyjwt, authlib, joserfc):
        try:
            check(token, leeway)
            result = "taken"
        except Exception as error:
            result = type(error).__name__
        print(f"{check.__name__}, {name}{f', leeway {leeway} s' if leeway else ''}: {result}")
PYTHON

{ node make.mjs; python/bin/python check.py; } | tee seen
cat >expected <<'TEXT'
jose, now: taken
fast-jwt, now: taken
jose, ahead: taken
fast-jwt, ahead: taken
pyjwt, now: taken
authlib, now: taken
joserfc, now: taken
pyjwt, ahead: ImmatureSignatureError
authlib, ahead: InvalidTokenError
joserfc, ahead: InvalidTokenError
pyjwt, ahead, leeway 60 s: taken
authlib, ahead, leeway 60 s: taken
joserfc, ahead, leeway 60 s: taken
TEXT
diff expected seen
echo 'Python libraries refuse a token that was issued ahead of their clock, and JavaScript ones take it.'

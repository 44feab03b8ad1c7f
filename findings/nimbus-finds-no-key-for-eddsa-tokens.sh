#!/usr/bin/env bash
# Guess: a Java library that makes and checks EdDSA tokens (RFC 8037 of 2017) checks them in its standard
# pipeline too: key set, algorithm EdDSA, token.
#
# What happens: Nimbus JOSE + JWT, the library below Spring Security, checks the token with its own
# Ed25519Verifier, but DefaultJWTProcessor with the same key refuses it: "Another algorithm expected, or no
# matching key(s) found". The key is there, with the right id, use and algorithm. The pipeline only knows keys
# that it can turn into java.security keys, and it skips Ed25519 keys without a word. The message makes one
# search for the error in the key set.
#
# Versions: nimbus-jose-jwt 10.10, tink 1.18.0 (which Ed25519Verifier needs), Java 17.
# Source: KeyConverter.toJavaKeys turns each key into a java.security key and drops those that throw, as
# OctetKeyPair.toPublicKey always does; DefaultJWSVerifierFactory names the verifiers for MAC, RSA and EC
# only.
#
# For our users: access tokens are EdDSA, with their public keys at /.well-known/jwks.json. A Java service on
# Nimbus has to choose the key by its id and call Ed25519Verifier; the processor cannot check them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId><artifactId>check</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>com.nimbusds</groupId><artifactId>nimbus-jose-jwt</artifactId><version>10.10</version></dependency>
    <dependency><groupId>com.google.crypto.tink</groupId><artifactId>tink</artifactId><version>1.18.0</version></dependency>
  </dependencies>
</project>
XML
cat >Check.java <<'JAVA'
import com.nimbusds.jose.*;
import com.nimbusds.jose.crypto.*;
import com.nimbusds.jose.jwk.*;
import com.nimbusds.jose.jwk.gen.*;
import com.nimbusds.jose.jwk.source.*;
import com.nimbusds.jose.proc.*;
import com.nimbusds.jwt.*;
import com.nimbusds.jwt.proc.*;

public class Check {
  public static void main(String[] args) throws Exception {
    JWK ed25519 = new OctetKeyPairGenerator(Curve.Ed25519)
        .keyID("1").algorithm(JWSAlgorithm.EdDSA).keyUse(KeyUse.SIGNATURE).generate();
    JWK ec = new ECKeyGenerator(Curve.P_256)
        .keyID("1").algorithm(JWSAlgorithm.ES256).keyUse(KeyUse.SIGNATURE).generate();

    String token = sign(JWSAlgorithm.EdDSA, new Ed25519Signer((OctetKeyPair) ed25519));
    Ed25519Verifier verifier = new Ed25519Verifier((OctetKeyPair) ed25519.toPublicJWK());
    System.out.println("EdDSA, Ed25519Verifier: " + (SignedJWT.parse(token).verify(verifier) ? "valid" : "invalid"));
    System.out.println("EdDSA, DefaultJWTProcessor: " + process(token, JWSAlgorithm.EdDSA, ed25519));
    String other = sign(JWSAlgorithm.ES256, new ECDSASigner((ECKey) ec));
    System.out.println("ES256, DefaultJWTProcessor: " + process(other, JWSAlgorithm.ES256, ec));
  }

  static String sign(JWSAlgorithm algorithm, JWSSigner signer) throws Exception {
    JWSHeader header = new JWSHeader.Builder(algorithm).keyID("1").build();
    SignedJWT jwt = new SignedJWT(header, new JWTClaimsSet.Builder().subject("ada").build());
    jwt.sign(signer);
    return jwt.serialize();
  }

  static String process(String token, JWSAlgorithm algorithm, JWK key) throws Exception {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    JWKSource<SecurityContext> keys = new ImmutableJWKSet<>(new JWKSet(key.toPublicJWK()));
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithm, keys));
    try {
      processor.process(token, null);
      return "valid";
    } catch (BadJOSEException refusal) {
      return refusal.getMessage();
    }
  }
}
JAVA
java -version 2>&1 | head -1
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$work/jars" >mvn.log
java -cp 'jars/*' Check.java | tee seen
cat >expected <<'TEXT'
EdDSA, Ed25519Verifier: valid
EdDSA, DefaultJWTProcessor: Signed JWT rejected: Another algorithm expected, or no matching key(s) found
ES256, DefaultJWTProcessor: valid
TEXT
if cmp -s seen expected; then
  echo 'as described'
else
  echo 'NO LONGER as described'
  exit 1
fi

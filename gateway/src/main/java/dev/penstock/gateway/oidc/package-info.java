/** Tokens of issuers outside (OpenID Connect). Start at {@link dev.penstock.gateway.oidc.OidcVerifier}. */
@NullMarked
package dev.penstock.gateway.oidc;

import org.jspecify.annotations.NullMarked;

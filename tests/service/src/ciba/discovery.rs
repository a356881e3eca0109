//! What a relying party's library reads first: OpenID Connect Discovery 1.0 with CIBA section 4.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{ACR, GRANT_TYPE};
use crate::Service;

/// `GET /.well-known/openid-configuration`.
///
/// There is no authorization endpoint: no browser is sent here by a relying party.
pub(super) async fn configuration(State(service): State<Service>) -> Json<Value> {
    let origin = service.origin().as_str();
    Json(json!({
        "issuer": origin,
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "token_endpoint": format!("{origin}/token"),
        "backchannel_authentication_endpoint": format!("{origin}/bc-authorize"),
        "backchannel_token_delivery_modes_supported": ["poll"],
        "backchannel_user_code_parameter_supported": false,
        "grant_types_supported": [GRANT_TYPE],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "acr_values_supported": [ACR],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr"],
    }))
}

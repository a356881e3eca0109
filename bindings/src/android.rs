//! What Android wants before the first connection: the certificate verifier asks the system through the app's context.

use jni::EnvUnowned;
use jni::errors::ThrowRuntimeExAndDefault;
use jni::objects::JObject;

/// `app.klink.core.Platform.init(context)`: gives the certificate verifier the app's context. Called once, at start.
#[unsafe(no_mangle)]
pub extern "system" fn Java_app_klink_core_Platform_init<'caller>(
    mut env: EnvUnowned<'caller>,
    _platform: JObject<'caller>,
    context: JObject<'caller>,
) {
    env.with_env(|env| rustls_platform_verifier::android::init_with_env(env, context))
        .resolve::<ThrowRuntimeExAndDefault>();
}

// Maven builds this module for the JVM, which keeps `android.*` out of it; here it stands beside an Android library.

plugins {
    alias(libs.plugins.android.library)
}

android {
    namespace = "app.klink.presentation"
    compileSdk = 37
    defaultConfig { minSdk = 30 }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    api(libs.core)
    api(libs.coroutines.android)
}

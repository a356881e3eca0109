// The Android library around the same sources as the Maven module. `cargo xtask aar` builds its native libraries first.
// Not yet run: it needs Android's SDK and NDK.

plugins {
    id("com.android.library") version "8.13.0"
    kotlin("android") version "2.4.20"
}

android {
    namespace = "app.klink.core"
    compileSdk = 36
    ndkVersion = "28.2.13676358"
    defaultConfig {
        minSdk = 30
        consumerProguardFiles("android/consumer-rules.pro")
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
    }
    sourceSets["main"].apply {
        manifest.srcFile("android/AndroidManifest.xml")
        kotlin.srcDirs("src/main/kotlin", "src/generated/kotlin", "android/kotlin")
        resources.srcDirs("src/generated/resources")
        jniLibs.srcDirs("android/jniLibs")
    }
    // Symbols are stripped here, after the Kotlin was generated from them.
    packaging { jniLibs.keepDebugSymbols.clear() }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin { jvmToolchain(17) }

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    // The certificate verifier's own part, in the version of Cargo.lock: a test compares them.
    implementation("rustls:rustls-platform-verifier:0.2.0")
}

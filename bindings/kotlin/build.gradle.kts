// The Android library around the same sources as the Maven module. `cargo xtask aar` builds its native libraries first.
// Not yet run: it needs Android's SDK and NDK.

buildscript {
    // The plugin for Android brings a Kotlin of its own; this is the one that Maven compiles with.
    dependencies { classpath("org.jetbrains.kotlin:kotlin-gradle-plugin:2.4.20") }
}

plugins {
    id("com.android.library") version "9.3.1"
}

android {
    namespace = "app.klink.core"
    compileSdk = 37
    ndkVersion = "28.2.13676358"
    defaultConfig {
        minSdk = 30
        consumerProguardFiles("android/consumer-rules.pro")
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
    }
    sourceSets["main"].apply {
        manifest.srcFile("android/AndroidManifest.xml")
        kotlin.directories += listOf("src/generated/kotlin", "android/kotlin")
        resources.directories += "src/generated/resources"
        jniLibs.directories += "android/jniLibs"
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

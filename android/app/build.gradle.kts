plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.compose)
}

android {
    namespace = "app.klink"
    compileSdk = 37

    defaultConfig {
        applicationId = "app.klink"
        minSdk = 30
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
    }

    // Where wake-ups come from. `free` has nothing of Google's: a distributor of the user's choice, and polling.
    flavorDimensions += "wakeups"
    productFlavors {
        create("free") { dimension = "wakeups" }
        create("fcm") {
            dimension = "wakeups"
            // What the publisher's Firebase project and relay are called; without them the app starts and has no address to be woken at.
            for ((name, variable) in mapOf(
                "google_app_id" to "KLINK_FCM_APP",
                "google_api_key" to "KLINK_FCM_KEY",
                "gcm_defaultSenderId" to "KLINK_FCM_SENDER",
                "project_id" to "KLINK_FCM_PROJECT",
                "relay" to "KLINK_RELAY",
            )) resValue("string", name, providers.environmentVariable(variable).getOrElse(""))
        }
    }
    buildFeatures { resValues = true }

    // The key is named by the environment and never lies here; without it a release is unsigned.
    val store = providers.environmentVariable("KLINK_SIGNING_STORE")
    signingConfigs {
        if (store.isPresent) {
            create("release") {
                storeFile = file(store.get())
                storePassword = providers.environmentVariable("KLINK_SIGNING_STORE_PASSWORD").get()
                keyAlias = providers.environmentVariable("KLINK_SIGNING_KEY").get()
                keyPassword = providers.environmentVariable("KLINK_SIGNING_KEY_PASSWORD").get()
            }
        }
    }

    buildTypes {
        release {
            // `launch.sh` tries the result on a device: what R8 took away too much is noticed at the first start.
            isMinifyEnabled = true
            // Words are found by their names, which no shrinker sees.
            isShrinkResources = false
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "rules.pro")
            signingConfig = signingConfigs.findByName("release")
        }
    }

    // The half that needs a device's native library; Maven has a stand-in.
    sourceSets.named("main") { kotlin.directories += "src/device/kotlin" }

    // The libraries bring words in languages that the app does not speak.
    androidResources { localeFilters += listOf("en", "nl") }
    // Native libraries lie uncompressed and page-aligned in the package.
    packaging { jniLibs.useLegacyPackaging = false }
    // The user may choose another language for the app than for the phone.
    bundle { language { enableSplit = false } }
    // Nothing about dependencies that only Google could read.
    dependenciesInfo {
        includeInApk = false
        includeInBundle = false
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    implementation(project(":ui"))
    implementation(project(":platform"))
    implementation(libs.activity.compose)
    implementation(libs.lifecycle.runtime.compose)
    implementation(libs.androidx.core)
    "fcmImplementation"(libs.firebase.messaging)
}

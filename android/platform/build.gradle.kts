plugins {
    alias(libs.plugins.android.library)
}

android {
    namespace = "app.klink.platform"
    compileSdk = 37
    defaultConfig { minSdk = 30 }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    api(project(":presentation"))
}

// For Android Studio. Not run in CI, which has no Android SDK: `pom.xml` verifies the same sources there, and
// `cargo test -p e2e --test tidy` compares the two as text.

pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
        // Where rustls keeps the Kotlin part of its certificate verifier, and nothing else is taken from.
        maven("https://github.com/rustls/rustls-platform-verifier/raw/maven-archive/android-release-support/maven/") {
            content { includeGroup("rustls") }
        }
    }
}

rootProject.name = "klink-android"

// The library and the Kotlin that calls it: `cargo xtask aar` makes both first.
includeBuild("../bindings/kotlin") {
    dependencySubstitution {
        substitute(module("app.klink:core")).using(project(":"))
    }
}

include(":presentation")
include(":ui")
include(":platform")
include(":app")

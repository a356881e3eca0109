import KlinkModels
import SwiftUI

/// What the app is made of, and what it does with data.
struct LicencesView: View {
    let model: LicencesModel

    var body: some View {
        List {
            switch model.phase {
            case .licences:
                ForEach(model.entries) { entry in
                    Section(entry.name) { Text(say(entry.says)) }
                }
                Button(say("licences.show_privacy")) { model.privacyButtonTapped() }
            case .privacy:
                Section(say("licences.privacy")) { Text(say("licences.privacy_text")) }
                Button(say("licences.show_licences")) { model.licencesButtonTapped() }
            }
        }
        .navigationTitle(say("licences.title"))
    }
}

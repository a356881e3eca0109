import Accessibility
import SwiftUI
import Testing

/// The stand-in for SwiftUI is what every test of a screen stands on: it has tests of its own.
@MainActor
@Suite struct TreeTests {
    @Observable @MainActor final class Counter { var count = 0; var name = "" ; var on = false }

    struct Panel: View {
        @Bindable var counter: Counter
        @Environment(\.dynamicTypeSize) private var size
        @State private var open = false
        var body: some View {
            VStack {
                if size.isAccessibilitySize { Text(verbatim: "large") } else { Text(verbatim: "usual") }
                Button(String("More")) { counter.count += 1 }.disabled(counter.count > 1)
                TextField(String("Name"), text: $counter.name)
                Toggle(String("On"), isOn: $counter.on)
                Toggle(String("Open"), isOn: $open)
            }
        }
    }

    @Test func aTapReachesTheModelAndTheNextTreeShowsIt() throws {
        let counter = Counter()
        for round in 0..<2 {
            let button = try #require(tree(Panel(counter: counter)).all(.button).first)
            #expect(button.enabled && counter.count == round)
            button.tap?()
        }
        #expect(try !#require(tree(Panel(counter: counter)).all(.button).first).enabled)
    }

    @Test func typingAndSwitchingReachTheModel() throws {
        let counter = Counter()
        let drawn = tree(Panel(counter: counter))
        let field = try #require(drawn.all(.field).first), toggle = try #require(drawn.all(.toggle).first)
        field.type?("Ann")
        toggle.tap?()
        #expect(counter.name == "Ann" && counter.on)
        #expect(tree(Panel(counter: counter)).spoken.suffix(3) == ["Name, Ann, ‹field›", "On, on, ‹switch›", "Open, off, ‹switch›"])
    }

    @Test func theEnvironmentReachesWhatIsInside() {
        var large = EnvironmentValues()
        large.dynamicTypeSize = .accessibility3
        #expect(tree(Panel(counter: Counter())).all(.text).first?.label == "usual")
        #expect(tree(Panel(counter: Counter()), environment: large).all(.text).first?.label == "large")
    }

    @Test func disabledReachesEveryControlInside() {
        let drawn = tree(Group { Button(String("A")) {}; HStack { Button(String("B")) {} }.disabled(true) })
        #expect(drawn.all(.button).map(\.enabled) == [true, false])
        #expect(drawn.spoken == ["A, ‹button›", "B, ‹button›, off"])
    }

    @Test func containersSpeakAsTheySay() {
        let row = HStack { Text(verbatim: "one"); Text(verbatim: "two"); Image(systemName: "star") }
        #expect(tree(row).spoken == ["one", "two", "star, ‹image›"])
        #expect(tree(row.accessibilityElement(children: .combine)).spoken == ["one, two, star"])
        #expect(tree(row.accessibilityElement(children: .ignore).accessibilityLabel(String("both"))).spoken == ["both"])
        #expect(tree(row.accessibilityHidden(true)).spoken.isEmpty)
    }

    @Test func aHigherPriorityIsReadFirst() {
        let drawn = tree(VStack {
            Text(verbatim: "field").accessibilitySortPriority(0)
            Text(verbatim: "asker").accessibilitySortPriority(2)
            Text(verbatim: "place").accessibilitySortPriority(1)
        })
        #expect(drawn.spoken == ["asker", "place", "field"])
    }

    @Test func aLabelOnAMereContainerIsAProblem() {
        let wrong = tree(VStack { Text(verbatim: "a") }.accessibilityLabel(String("b")))
        #expect(wrong.all.flatMap(\.problems).count == 1)
        let right = tree(VStack { Text(verbatim: "a") }.accessibilityElement().accessibilityLabel(String("b")))
        #expect(right.all.flatMap(\.problems).isEmpty)
    }

    @Test func aRowOfAListIsSizedAndAButtonInAStackIsNot() {
        func smallest(_ view: some View) -> [Bool] { tree(view).all(.button).map { $0.systemSized || $0.minHeight >= 44 } }
        #expect(smallest(List { Button(String("A")) {} }) == [true])
        #expect(smallest(List { HStack { Button(String("A")) {} } }) == [false])
        #expect(smallest(VStack { Button(String("A")) {} }) == [false])
        #expect(smallest(VStack { Button(String("A")) {}.frame(minWidth: 44, minHeight: 44) }) == [true])
    }

    @Test func motionIsAProblemOnlyWhereItIsReduced() {
        struct Mover: View {
            @Environment(\.accessibilityReduceMotion) private var still
            let careful: Bool
            var body: some View { Circle().animation(careful && still ? nil : .default, value: 1) }
        }
        var still = EnvironmentValues()
        still.accessibilityReduceMotion = true
        #expect(tree(Mover(careful: true), environment: still).all.flatMap(\.problems).isEmpty)
        #expect(tree(Mover(careful: false), environment: still).all.flatMap(\.problems).count == 1)
        #expect(tree(Mover(careful: false)).all.flatMap(\.problems).isEmpty)
    }

    @Test func theTopOfAStackIsDrawn() {
        enum Place: Hashable { case first, second }
        let stack = { (path: [Place]) in
            NavigationStack(path: .constant(path)) {
                Text(verbatim: "root").navigationDestination(for: Place.self) { Text(verbatim: "\($0)") }
            }
        }
        #expect(tree(stack([])).spoken == ["root"])
        #expect(tree(stack([.first, .second])).spoken == ["second"])
    }

    @Test func whatLiesOverAScreenIsDrawnOnlyWhenItIsThere() {
        let screen = { (shown: Bool) in
            Text(verbatim: "under").alert(String("Sure?"), isPresented: .constant(shown)) {
                Button(String("Yes"), role: .destructive) {}
            } message: { Text(verbatim: "It goes.") }
        }
        #expect(tree(screen(false)).spoken == ["under"])
        #expect(tree(screen(true)).spoken == ["under", "Sure?, ‹alert›", "It goes.", "Yes, ‹button›"])
    }

    @Test func aPickerWithoutItsValueIsAProblem() {
        let picker = { (now: Int) in
            Picker(String("Sort"), selection: .constant(now)) { ForEach([1, 2], id: \.self) { Text(verbatim: "by \($0)").tag($0) } }
        }
        #expect(tree(picker(2)).spoken == ["Sort, by 2, ‹picker›"])
        #expect(tree(picker(3)).all.flatMap(\.problems) == ["nothing is selected"])
    }

    @Test func whatIsPostedIsKept() {
        AccessibilityNotification._posted = []
        AccessibilityNotification.Announcement("5 seconds").post()
        #expect(AccessibilityNotification._posted == ["5 seconds"])
    }
}

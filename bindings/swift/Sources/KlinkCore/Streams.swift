/// What a look at all services found.
public enum ChallengeEvent: Sendable {
    /// The open requests, the newest first, and what was closed since.
    case shown(Challenges)
    /// Nothing could be asked; the stream goes on by itself.
    case failed(PushError)
}

extension Authenticator {
    /// Requests as they come, for as long as somebody iterates: the stream ends with its task, and leaves none behind.
    /// Iterate it while the app is in sight.
    ///
    /// What went wrong is an event, not the end: after `pause` the next look begins.
    public func challengeStream(pause: Duration = .seconds(3)) -> AsyncStream<ChallengeEvent> {
        let feed = challengeFeed()
        let failed = Failed()
        return AsyncStream {
            if await failed.take() { try? await Task.sleep(for: pause) }
            do {
                return try await feed.next().map(ChallengeEvent.shown)
            } catch let error as PushError {
                await failed.set()
                return .failed(error)
            } catch {
                // Only a panic that was not caught ends here: there is nothing to go on with.
                return nil
            }
        } onCancel: {
            feed.end()
        }
    }

    /// Says when a list should be drawn anew, for as long as somebody iterates. Several changes may come as one.
    public func changeStream() -> AsyncStream<Change> {
        let feed = changeFeed()
        return AsyncStream {
            await feed.next()
        } onCancel: {
            feed.end()
        }
    }
}

/// Whether the last look failed.
private actor Failed {
    private var failed = false

    func set() { failed = true }

    func take() -> Bool {
        defer { failed = false }
        return failed
    }
}

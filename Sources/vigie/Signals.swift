import Dispatch
import Glibc

/// Waits for Ctrl-C or SIGTERM.
func untilAskedToStop() async {
  let (signals, feed) = AsyncStream.makeStream(of: Void.self)
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number)
    source.setEventHandler { feed.finish() }
    source.resume()
    return source
  }
  for await _ in signals {}
  for source in sources { source.cancel() }
}

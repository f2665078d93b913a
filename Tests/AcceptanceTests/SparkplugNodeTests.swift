import Glibc
import ProcessSupport
import Testing

extension ProcessTests {
  /// The agent as a Sparkplug node at a real broker, seen by a host of another make.
  struct SparkplugNodeTests {
    @Test func `each life of a killed agent has a number of its own, told by birth and will alike`()
      async throws
    {
      let workplace = try Workplace(formats: "sparkplug")
      let broker = try Broker(port: workplace.brokerPort)
      let host = try await SparkplugHost(port: broker.port)
      var expected: [String] = []
      for number in 0..<3 {
        let agent = try await workplace.run()
        expected.append("NBIRTH \(number)")
        try await eventually("birth \(number)") { host.lives == expected }
        // The broker says the last will of who is killed; who is asked to stop says it himself.
        if number < 2 {
          agent.signal(SIGKILL)
          await agent.ends()
        } else {
          #expect(agent.stop() == 0)
        }
        expected.append("NDEATH \(number)")
        try await eventually("death \(number)") { host.lives == expected }
      }
    }

    @Test func `a tag that a host cannot tell from another is refused before the start`() throws {
      func point(_ location: String, _ unit: Int) -> String {
        """
              \(location):
                device: banner/qm30vt2
                bus: line
                unit: \(unit)
                only: [temperature]
        """
      }
      let head = "  pump-1:\n    kind: centrifugal pump\n    points:\n"
      for (second, words) in [
        ("Drive End", "has the name of 'drive end'"),
        ("Health", "the tag 'Health/temperature' begins with 'health/'"),
      ] {
        let machines = head + point("drive end", 1) + "\n" + point(second, 2)
        for formats in ["json", "sparkplug"] {
          let workplace = try Workplace(machines: machines, formats: formats)
          let (code, text) = try workplace.vigie("check", "--config", workplace.site)
          // Places that differ in capitals only nobody can tell apart.
          let isRefused = formats == "sparkplug" || second == "Drive End"
          #expect((code != 0) == isRefused && text.contains(words) == isRefused, "\(text)")
        }
      }
    }

    @Test func `user and password come from the service's credentials, and are read anew`()
      async throws
    {
      let folder = TemporaryFolder()
      let workplace = try Workplace(formats: "json, sparkplug")
      let users = try folder.write("gateway:secret\n", to: "users")
      #expect(try RunningProgram.run("mosquitto_passwd", ["-U", users]).exitCode == 0)
      let settings = try folder.write(
        """
        listener \(workplace.brokerPort) 127.0.0.1
        allow_anonymous false
        password_file \(users)
        user root
        """,
        to: "mosquitto.conf"
      )
      let broker = try RunningProgram("mosquitto", ["-c", settings])
      try waitUntilListening(port: workplace.brokerPort)
      let secrets = TemporaryFolder()
      _ = try secrets.write("gateway\n", to: "mqtt_user")
      _ = try secrets.write("guessed\n", to: "mqtt_password")
      let agent = try await workplace.run(environment: ["CREDENTIALS_DIRECTORY": secrets.path])
      #expect(agent.text.contains("mqtt_user, mqtt_password"))
      try await eventually("a refusal in the status") {
        (try? workplace.status())?.brokers.allSatisfy {
          $0.lastError == "Connection Refused: not authorised." && !$0.isConnected
        } == true
      }
      _ = try secrets.write("secret\n", to: "mqtt_password")
      try await eventually("connections", limit: .seconds(40)) {
        try workplace.status().brokers.allSatisfy(\.isConnected)
      }
      #expect(agent.stop() == 0)
      broker.stop()
    }
  }
}

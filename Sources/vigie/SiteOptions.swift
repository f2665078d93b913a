import AdvisoryGeneration
import AgentRuntime
import ArgumentParser
import ConditionModel
import DataAcquisition
import Glibc
import SiteConfiguration

/// The options of every command that works on a site.
struct SiteOptions: ParsableArguments {
  private static let installed = "/etc/vigie/site.yaml"

  @Option(help: "The site file.", completion: .file(extensions: ["yaml", "yml"]))
  var config = installed

  @Option(
    help: "A folder of device profiles, before the usual ones; may be given more than once.",
    completion: .directory
  )
  var profiles: [String] = []

  /// Reads and checks the site file; what is merely doubtful goes to standard error.
  func site() throws -> Site {
    do throws(ConfigurationProblems) {
      let site = try load()
      for remark in site.remarks where remark.severity == .warning {
        tell("\(remark)")
      }
      return site
    } catch {
      tell("\(error)")
      let count = error.problems.count { $0.severity == .error }
      throw Failure(
        .configuration,
        "\(config) has \(count) \(count == 1 ? "error" : "errors"), see above"
          + (config == Self.installed ? "; --config names another site file" : "")
      )
    }
  }

  /// Reads and checks the site file, bus load included.
  ///
  /// - Parameter one: The only machine to read; `nil` for all.
  /// - Returns: The site, with warnings and notes in `remarks`.
  /// - Throws: All problems of all files at once.
  func load(one: SiteFile.OneMachine? = nil) throws(ConfigurationProblems) -> Site {
    try SiteFile.load(
      path: config,
      profileDirectories: profileDirectories,
      busLoad: { BusPlan($0).load },
      one: one
    )
  }

  /// Where profiles are looked for, the first hit counts: the folders named, beside the site
  /// file, the installed ones, and those of a source tree that the program was built in.
  private var profileDirectories: [String] {
    let siteFolder = config.lastIndex(of: "/").map { String(config[..<$0]) } ?? "."
    let usual = ["\(siteFolder)/firmware-configs", "/usr/share/vigie/firmware-configs"]
    return profiles + (usual + Self.sourceTree).filter { access($0, R_OK) == 0 }
  }

  /// `firmware-configs` in a folder above the program's own.
  private static var sourceTree: [String] {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      $0.withMemoryRebound(to: CChar.self) { buffer in
        buffer.baseAddress.map { readlink("/proc/self/exe", $0, buffer.count) } ?? 0
      }
    }
    guard count > 0 else { return [] }
    let folders = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "/").dropLast()
    return folders.indices.reversed().map {
      "/" + folders[...$0].joined(separator: "/") + "/firmware-configs"
    }
  }
}

extension SiteOptions {
  /// The site file of a command that needs devices: a recording can only be replayed.
  func liveSite() throws -> Site {
    let site = try site()
    guard let recorded = site.recordings.first else { return site }
    throw Failure(
      .configuration,
      "'\(site.plant[recorded.asset].name)' is the recording \(recorded.file), not a machine that can "
        + "be read; play it with 'vigie replay --config \(config) DIR'"
    )
  }
}

/// Where the store of an agent is.
struct StoreOptions: ParsableArguments {
  @Option(
    help: "The store; without it the site file's, or /var/lib/vigie/history.sqlite.",
    completion: .file()
  )
  var store: String?

  func path(for site: Site) -> String {
    store ?? site.store.path ?? "/var/lib/vigie/history.sqlite"
  }
}

extension Site {
  /// What the clocks on the site's walls show.
  func localTime() throws -> LocalTimeTable {
    guard let table = LocalTimeTable.of(zone: timeZone) else {
      throw Failure(
        .environment,
        "this gateway does not know the time zone '\(timeZone ?? "")'; write area and city, for example "
          + "'Europe/Paris'; if they are right, install the package tzdata"
      )
    }
    return table
  }
}

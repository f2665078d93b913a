import Glibc
import Testing

@testable import ModbusTransport

struct SerialPortTests {
  @Test(arguments: [
    (EACCES, "add the user to group dialout"), (EPERM, "add 'DeviceAllow=/dev/ttymxc2 rw'"),
    (ENOENT, "is the adapter plugged in?"), (EBUSY, "in use by another program"),
  ])
  func `whoever may not open a port learns what to mend`(number: Int32, mend: String) {
    #expect(LinkError(opening: "/dev/ttymxc2", number: number).detail.contains(mend))
  }
}

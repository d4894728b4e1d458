import Harness
import Rules
import Store
import Testing

/// What a list replaced in a contact is the person's to see and to have corrected.
@Suite struct EarlierValuesTests {
    private let kari = "kari@firma.example"

    private func scene() async throws -> Scene {
        let scene = try await Scene("stratsys")
        _ = try await scene.bring("email,name,company\n\(kari),Karri,Firma\n")
        #expect(try await scene.bring("email,name,company\n\(kari),Kari,Firma AS\n").lines == ["2 updated"])
        return scene
    }

    private func file(_ scene: Scene, _ address: String) async throws -> SubjectFile {
        try await scene.store.subjectFile(of: Address(parsing: address), by: scene.access)
    }

    @Test func theFileHasThem() async throws {
        let scene = try await scene()
        let earlier = try await file(scene, kari).earlier
        #expect(earlier.map(\.name) == ["Karri"] && earlier.map(\.source) == ["fair-2026"])
        #expect(earlier.first?.organisation?.name == "Firma")
        await scene.close()
    }

    @Test(arguments: [Correction(name: "Kari Nordmann"), Correction(phone: "+47 1")])
    func aCorrectionForgetsThem(_ correction: Correction) async throws {
        let scene = try await scene()
        _ = try await scene.store.run(.rectify(Address(parsing: kari), to: correction, evidence: nil), by: scene.access)
        #expect(try await file(scene, kari).earlier.isEmpty)
        try await scene.database.require("not exists (select from maysend.import_before)")
        await scene.close()
    }

    @Test func aCorrectedAddressForgetsThoseOfBoth() async throws {
        let scene = try await scene()
        let right = "kari.berg@firma.example"
        _ = try await scene.bring("email,name\n\(right),Kaari\n")
        _ = try await scene.bring("email,name\n\(right),Kari\n")
        #expect(try await file(scene, right).earlier.map(\.name) == ["Kaari"])
        let correction = Correction(address: try Address(parsing: right), name: "Kari Berg")
        _ = try await scene.store.run(.rectify(Address(parsing: kari), to: correction, evidence: nil), by: scene.access)
        try await scene.database.require("not exists (select from maysend.import_before)")
        #expect(try await file(scene, right).contact?.name == "Kari Berg")
        await scene.close()
    }
}

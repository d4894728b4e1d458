import ArgumentParser
import Rules
import Store

/// For which controller a command speaks.
struct ControllerOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The controller, by its id in the policy.",
            discussion: "Without it MAYSEND_CONTROLLER, or the only controller there is.", valueName: "id"),
        transform: Words.slug)
    var controller: Slug?
}

/// A person at the machine, who needs no key, and the controller they act for.
struct Operator {
    let store: Store
    let access: Access
    /// The policy that judges now.
    let policy: Policy

    /// Opens the database and finds the controller and its policy; closes at the end.
    static func open<Result>(
        _ option: ControllerOption, for load: CommandLoad = .one, _ body: (Operator) async throws -> Result
    ) async throws -> Result {
        // All that can be wrong without the database is said without it.
        _ = try Settings.databaseURL()
        let named = try option.controller ?? Settings.controllerName()
        return try await Connections.withStore(PepperFiles.read(), for: load) { store in
            let catalogue = try await store.catalogue()
            let controller = try choose(named, in: catalogue)
            let policy = try catalogue.policy(of: controller, at: Machine.now())
            return try await body(
                Operator(store: store, access: Access(operator: Machine.user, for: controller), policy: policy))
        }
    }

    private static func choose(_ named: Slug?, in catalogue: Catalogue) throws(Failure) -> ControllerRecord {
        guard let first = catalogue.controllers.first else { throw Failure.noController }
        guard let named else {
            guard catalogue.controllers.count == 1 else {
                let names = catalogue.controllers.map(\.slug.text).joined(separator: ", ")
                throw Failure(
                    "there are several controllers: \(names)",
                    hint: "Say which with --controller, or set MAYSEND_CONTROLLER.")
            }
            return first
        }
        do {
            return try catalogue.controller(named)
        } catch {
            throw Failure(error)
        }
    }
}

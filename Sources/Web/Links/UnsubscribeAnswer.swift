import Rules
import Store

extension UnsubscribePage {
    /// The page in the words of its reader's language.
    func answer(by pages: Pages) -> Answer {
        let frame = frame(pages)
        switch message {
        case .asks: return pages.ask(stopping, newerConsent: nil, standing: standing?.entry?.at, in: frame)
        case .asksAgainstConsent(let at): return pages.ask(stopping, newerConsent: at, standing: nil, in: frame)
        case .stopped(let receipt): return stopped(receipt, pages, frame)
        case .narrowed(let receipt): return narrowed(receipt, pages, frame)
        case .cameBack(let receipt):
            return pages.undone([receipt.standing.purpose?.id].compactMap { $0 }, at: receipt.standing.at, in: frame)
        case .accepted: return pages.noted(in: frame)
        case .nothingToUndo: return pages.tooLate(in: frame)
        case .notUnderstood: return pages.unreadable(in: frame)
        case .notFound: return pages.invalid(in: frame)
        case .unavailable: return pages.failed(in: frame)
        case .broken: return pages.broken(in: frame)
        }
    }

    private func frame(_ pages: Pages) -> PageFrame {
        let group = standing?.policy.controllers ?? []
        return pages.frame(
            language: chosenLanguage, accept: acceptLanguage,
            controller: group.first { $0.id == standing?.controller.slug }, group: group)
    }

    /// What the button would stop; nil where the database could not be asked.
    private var stopping: Stopping? {
        guard let standing, let entry = link?.unsubscribe(nil, under: standing.policy).entry else { return nil }
        return Stopping(reach: entry.reach, purposes: purposes(entry.reach, standing))
    }

    /// What a wide entry stops of the policy.
    private func purposes(_ reach: Entry.Reach, _ standing: LinkStanding) -> [Slug] {
        guard reach.scope >= .controller else { return [] }
        return standing.policy.purposes.filter { $0.kind == .marketing || $0.kind == .tracking }.map(\.id)
    }

    private func stopped(_ receipt: LinkReceipt, _ pages: Pages, _ frame: PageFrame) -> Answer {
        guard let entry = receipt.entry else { return pages.unreadable(in: frame) }
        let standing = receipt.standing
        let choices = StoppedView.Choices(
            undo: standing.undo?.needsConsent == true ? standing.undo?.purpose : nil,
            narrowsTo: standing.undo?.narrowsTo, wider: wider(standing))
        return pages.stopped(
            StoppedView(
                reach: entry.entry.reach, purposes: purposes(entry.entry.reach, standing), since: entry.at,
                isRepeated: receipt.id == nil, choices: choices, isThanked: isThanked), in: frame)
    }

    /// A topic was stopped alone: the topic of the mail.
    private func narrowed(_ receipt: LinkReceipt, _ pages: Pages, _ frame: PageFrame) -> Answer {
        let standing = receipt.standing
        guard let purpose = standing.purpose, let topic = standing.topic else { return pages.unreadable(in: frame) }
        let choices = StoppedView.Choices(undo: nil, narrowsTo: nil, wider: wider(standing))
        return pages.stopped(
            StoppedView(
                reach: .topic(topic, of: purpose.id), purposes: [], since: standing.at, isRepeated: false,
                choices: choices, isThanked: true), in: frame)
    }

    private func wider(_ standing: LinkStanding) -> [Entry.Reach] {
        standing.scopes.compactMap { scope in
            link?.unsubscribe(scope, under: standing.policy).entry?.reach
        }
    }
}

import Rules

extension SuppressionDialect {
    /// The dialect's table. Where a provider documents no file but only its interface, the table is the interface's.
    var shape: SuppressionShape {
        switch self {
        case .ses, .sesObjects: ses
        case .sendgridBounces, .sendgridUnsubscribes, .sendgridSpamReports, .sendgridGroups: sendgrid
        case .mailgunBounces, .mailgunComplaints, .mailgunUnsubscribes: mailgun
        case .postmark: Self.postmarkShape
        case .mailchimpSubscribed, .mailchimpUnsubscribed, .mailchimpCleaned: mailchimp
        case .hubspot: Self.hubspotShape
        case .klaviyo: Self.klaviyoShape
        case .brevo, .brevoBlocked: brevo
        case .mautic, .listmonk: ownServer
        case .mailup, .promio: readOnly
        case .mailtrain, .optizmo, .hashed: digests
        case .plain: Self.plainShape
        }
    }

    private var ses: SuppressionShape {
        var shape = SuppressionShape()
        shape.form = self == .ses ? .csvWithoutHeader : .ndjson
        shape.columns = [
            .init("emailAddress", .address), .init("reason", .reason),
        ]
        if self == .sesObjects { shape.columns.append(.init("lastUpdateTime", .date)) }
        if self == .sesObjects { shape.signature = ["emailaddress", "reason"] }
        shape.words = [.init("BOUNCE", .bounced), .init("COMPLAINT", .complained)]
        return shape
    }

    private var sendgrid: SuppressionShape {
        var shape = SuppressionShape()
        shape.dates = .unix
        shape.columns = [.init("created", .date), .init("email", .address)]
        switch self {
        case .sendgridBounces:
            shape.columns += [.init("reason", .evidence("detail")), .init("status", .evidence("status"))]
            shape.signature = ["created", "email", "reason"]
            shape.reason = .bounced
        case .sendgridSpamReports:
            shape.columns.append(.init("ip", .other))
            shape.signature = ["created", "email", "ip"]
            shape.reason = .complained
        case .sendgridGroups:
            shape.columns = [
                .init("email", .address), .init("group_id", .evidence("group-id")),
                .init("group_name", .evidence("group-name")), .init("created_at", .date),
            ]
            shape.signature = ["email", "groupid"]
            shape.reason = .unsubscribed
        default:
            shape.signature = ["created", "email"]
            shape.isExact = true
            shape.reason = .unsubscribed
        }
        return shape
    }

    private var mailgun: SuppressionShape {
        var shape = SuppressionShape()
        shape.dates = .mail
        switch self {
        case .mailgunBounces:
            shape.columns = [
                .init("address", .address), .init("code", .evidence("code")), .init("error", .evidence("detail")),
                .init("created_at", .date),
            ]
            shape.signature = ["address", "code"]
            shape.reason = .bounced
        case .mailgunComplaints:
            shape.columns = [.init("address", .address), .init("created_at", .date)]
            shape.signature = ["address", "createdat"]
            shape.isExact = true
            shape.reason = .complained
        default:
            shape.columns = [
                .init("address", .address), .init("tags", .evidence("tags")), .init("created_at", .date),
            ]
            shape.signature = ["address", "tags"]
            shape.reason = .unsubscribed
        }
        return shape
    }

    private static var postmarkShape: SuppressionShape {
        var shape = SuppressionShape()
        shape.form = .envelope("Suppressions")
        shape.columns = [
            .init("EmailAddress", .address), .init("SuppressionReason", .reason),
            .init("Origin", .evidence("origin")), .init("CreatedAt", .date),
        ]
        shape.signature = ["emailaddress", "suppressionreason"]
        shape.words = [
            .init("HardBounce", .bounced), .init("SpamComplaint", .complained), .init("ManualSuppression", .listed),
        ]
        return shape
    }

    private var mailchimp: SuppressionShape {
        var shape = SuppressionShape()
        shape.dates = .spaced
        shape.columns = [.init("Email Address", .address), .init("First Name", .other), .init("Last Name", .other)]
        shape.signature = ["emailaddress"]
        shape.anyOf = ["leid", "euid", "memberrating"]
        switch self {
        case .mailchimpUnsubscribed:
            shape.columns += [
                .init("UNSUB_TIME", .date), .init("UNSUB_CAMPAIGN_TITLE", .evidence("campaign")),
                .init("UNSUB_CAMPAIGN_ID", .evidence("campaign-id")), .init("UNSUB_REASON", .evidence("detail")),
                .init("UNSUB_REASON_OTHER", .other),
            ]
            shape.signature.insert("unsubtime")
            shape.reason = .unsubscribed
        case .mailchimpCleaned:
            shape.columns += [
                .init("CLEAN_TIME", .date), .init("CLEAN_CAMPAIGN_TITLE", .evidence("campaign")),
                .init("CLEAN_CAMPAIGN_ID", .evidence("campaign-id")),
            ]
            shape.signature.insert("cleantime")
            shape.reason = .bounced
        default: break
        }
        shape.columns += [.init("LEID", .other), .init("EUID", .other)]
        return shape
    }

    private static var hubspotShape: SuppressionShape {
        var shape = SuppressionShape()
        shape.columns = [
            .init("Email", .address), .init("Portal Bounce", .other), .init("Portal Unsubscribe", .other),
            .init("Portal Spam Report", .other), .init("Global Bounce", .other),
        ]
        shape.signature = []
        shape.anyOf = []
        return shape
    }

    private static var klaviyoShape: SuppressionShape {
        var shape = SuppressionShape()
        shape.form = .envelope("data")
        return shape
    }

    private var brevo: SuppressionShape {
        var shape = SuppressionShape()
        if self == .brevoBlocked {
            shape.form = .envelope("contacts")
            shape.columns = [
                .init("email", .address), .init("reason.code", .reason), .init("reason.message", .evidence("detail")),
                .init("blockedAt", .date),
            ]
            shape.signature = ["email"]
            shape.anyOf = ["blockedat", "reasoncode"]
            shape.words = [
                .init("contactFlaggedAsSpam", .complained), .init("unsubscribedViaEmail", .unsubscribed),
                .init("unsubscribedViaMA", .unsubscribed), .init("unsubscribedViaApi", .unsubscribed),
                .init("hardBounce", .bounced), .init("adminBlocked", .listed),
            ]
            return shape
        }
        shape.columns = [
            .init("EMAIL", .address), .init("LASTNAME", .other), .init("FIRSTNAME", .other), .init("SMS", .other),
            .init("EMAIL_BLACKLISTED", .reason), .init("ADDED_TIME", .other), .init("MODIFIED_TIME", .date),
        ]
        shape.signature = ["email"]
        shape.anyOf = ["emailblacklisted", "blacklisted"]
        shape.words = Self.yesWords + Self.noWords
        shape.dates = .spaced
        return shape
    }

    private var ownServer: SuppressionShape {
        var shape = SuppressionShape()
        if self == .mautic {
            shape.columns = [.init("email", .address), .init("doNotEmail", .reason)]
            shape.signature = ["email", "donotemail"]
            shape.words = Self.yesWords + Self.noWords
            return shape
        }
        shape.columns = [
            .init("uuid", .other), .init("email", .address), .init("name", .other), .init("attributes", .other),
            .init("status", .reason), .init("created_at", .other), .init("updated_at", .date),
        ]
        shape.signature = ["uuid", "email", "status"]
        shape.words = [
            .init("blocklisted", .listed), .init("blacklisted", .listed), .init("enabled", nil), .init("disabled", nil),
        ]
        shape.dates = .go
        return shape
    }

    private var readOnly: SuppressionShape {
        var shape = SuppressionShape()
        if self == .mailup {
            shape.columns = [
                .init("email", .address), .init("OptOut_Date", .date), .init("optout_type", .evidence("optout-type")),
                .init("optout_subtype", .evidence("optout-subtype")),
            ]
            shape.signature = ["optoutdate"]
            shape.reason = .unsubscribed
            return shape
        }
        shape.columns = [.init("mail", .address), .init("ts", .date), .init("sourceType", .reason)]
        shape.signature = ["mail", "sourcetype"]
        shape.words = [
            .init("17", .unsubscribed), .init("1", .unsubscribed), .init("5", .unsubscribed),
            .init("12", .unsubscribed),
            .init("13", .unsubscribed), .init("19", .unsubscribed), .init("20", .unsubscribed), .init("9", .bounced),
            .init("11", .complained),
        ]
        return shape
    }

    private var digests: SuppressionShape {
        var shape = SuppressionShape()
        shape.isHashed = true
        shape.reason = .listed
        switch self {
        case .mailtrain:
            shape.columns = [.init("HASH_EMAIL", .address)]
            shape.signature = ["hashemail"]
        case .optizmo:
            shape.columns = [
                .init("plain", .other), .init("hashed", .address), .init("timestamp", .date),
                .init("campaign", .evidence("campaign")), .init("ip", .other),
            ]
            shape.signature = ["hashed"]
            shape.dates = .spaced
        default: shape.columns = [.init("hash", .address)]
        }
        return shape
    }

    private static var plainShape: SuppressionShape {
        var shape = SuppressionShape()
        shape.columns = [.init("email", .address), .init("at", .date), .init("reason", .reason)]
        shape.words = [
            .init("listed", .listed), .init("complained", .complained), .init("unsubscribed", .unsubscribed),
            .init("bounced", .bounced),
        ]
        return shape
    }

    private static let yesWords = ["true", "1", "yes", "on", "x", "y"].map {
        SuppressionShape.Word($0, .listed)
    }
    private static let noWords = ["false", "0", "no", "off", "n", ""].map { SuppressionShape.Word($0, nil) }
}

/// The pages by name; each has a template of that name.
enum PageTemplate: String, CaseIterable, Sendable {
    case ask, stopped, notice, preferences, confirm, request, sections, letter
}

/// The markup of the pages (Mustache).
///
/// Words come from the texts, and everything that is filled in is escaped; only the style sheet, which is ours, is not.
/// Links and forms lead to the page itself, so that no token stands in the markup.
enum PageTemplates {
    static let all: [(name: String, text: String)] = [
        ("top", top), ("bottom", bottom), ("preference", preference),
        (PageTemplate.ask.rawValue, ask), (PageTemplate.stopped.rawValue, stopped),
        (PageTemplate.notice.rawValue, notice), (PageTemplate.preferences.rawValue, preferences),
        (PageTemplate.confirm.rawValue, confirm), (PageTemplate.request.rawValue, request),
        (PageTemplate.sections.rawValue, sections), (PageTemplate.letter.rawValue, letter),
    ]

    private static let top = """
        <!doctype html>
        <html lang="{{frame.language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex, nofollow">
        <meta name="referrer" content="no-referrer">
        <meta name="format-detection" content="telephone=no">
        <title>{{title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <header>
        {{#frame.controller}}<p class="company">{{.}}</p>{{/frame.controller}}
        <nav aria-label="{{frame.choose}}"><ul>
        {{#frame.languages}}<li>{{#chosen}}<span lang="{{tag}}" aria-current="true">{{name}}</span>{{/chosen}}{{^chosen}}<a href="?lang={{tag}}" lang="{{tag}}" hreflang="{{tag}}" rel="nofollow">{{name}}</a>{{/chosen}}</li>
        {{/frame.languages}}</ul></nav>
        </header>
        <main>
        <h1>{{title}}</h1>

        """

    private static let bottom = """
        </main>
        {{#frame.responsible}}
        <footer>
        <p>{{.}}{{#frame.number}} <span class="number">{{.}}.</span>{{/frame.number}}</p>
        {{#frame.address}}<address>{{.}}</address>{{/frame.address}}
        <ul class="links">{{#frame.links}}<li><a href="{{target}}" rel="noopener">{{name}}</a></li>{{/frame.links}}</ul>
        <p>{{frame.authority}}</p>
        </footer>
        {{/frame.responsible}}
        </body>
        </html>

        """

    private static let ask = """
        {{> top}}
        {{#already}}<p class="status" role="status">{{.}}</p>{{/already}}
        {{#newer}}<p class="status" role="status">{{.}}</p>{{/newer}}
        <p class="lead">{{lead}}</p>
        {{#hasPurposes}}
        <p>{{stops}}:</p>
        <ul class="plain">{{#purposes}}<li>{{.}}</li>{{/purposes}}</ul>
        {{/hasPurposes}}
        <form method="post" action="?lang={{frame.language}}">
        <button class="main" name="action" value="stop">{{button}}</button>
        </form>
        <p class="quiet">{{note}}</p>
        {{> bottom}}
        """

    private static let stopped = """
        {{> top}}
        <div role="status">
        {{#again}}<p class="status">{{.}}</p>{{/again}}
        {{#thanks}}<p class="status">{{.}}</p>{{/thanks}}
        <dl>
        <div><dt>{{stoppedName}}</dt><dd><ul>{{#stopped}}<li>{{.}}</li>{{/stopped}}</ul></dd></div>
        <div><dt>{{companyName}}</dt><dd>{{company}}</dd></div>
        <div><dt>{{sinceName}}</dt><dd>{{since}}</dd></div>
        </dl>
        </div>
        <p class="quiet">{{sent}}</p>
        {{#more}}
        <section aria-labelledby="more">
        <h2 id="more">{{more}}</h2>
        {{#undo}}
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="wording" value="{{version}}">
        <h3>{{undoTitle}}</h3>
        <p>{{undoText}}:</p>
        <blockquote>{{wording}}</blockquote>
        <button name="action" value="undo">{{undoButton}}</button>
        </form>
        {{/undo}}
        {{#narrower}}
        <details>
        <summary>{{button}}</summary>
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="wording" value="{{version}}">
        <p>{{text}}:</p>
        <blockquote>{{wording}}</blockquote>
        <button name="action" value="narrow">{{button}}</button>
        </form>
        </details>
        {{/narrower}}
        {{#hasWider}}
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="action" value="stop">
        <p>{{widerText}}{{#groupText}} {{.}}{{/groupText}}</p>
        {{#wider}}<button name="scope" value="{{scope}}">{{button}}</button>
        {{/wider}}
        </form>
        {{/hasWider}}
        </section>
        {{/more}}
        {{#reason}}
        <section aria-labelledby="why">
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="scope" value="{{scope}}">
        <fieldset aria-describedby="whynote">
        <legend id="why"><h2>{{title}}</h2></legend>
        <p class="quiet" id="whynote">{{note}}</p>
        {{#reasons}}<label class="choice"><input type="radio" name="reason" value="{{value}}"> <span>{{name}}</span></label>
        {{/reasons}}
        </fieldset>
        <button name="action" value="stop">{{button}}</button>
        </form>
        </section>
        {{/reason}}
        {{> bottom}}
        """

    private static let notice = """
        {{> top}}
        <div role="{{role}}">
        {{#paragraphs}}<p class="lead">{{.}}</p>
        {{/paragraphs}}
        </div>
        {{#button}}
        <form method="post" action="?lang={{frame.language}}">
        {{#fields}}<input type="hidden" name="{{name}}" value="{{value}}">
        {{/fields}}
        <button class="main">{{.}}</button>
        </form>
        {{/button}}
        {{#link}}<p><a class="again" href="?lang={{frame.language}}">{{.}}</a></p>{{/link}}
        {{#notes}}<p class="quiet">{{.}}</p>
        {{/notes}}
        {{> bottom}}
        """

    private static let confirm = """
        {{> top}}
        <p class="lead">{{lead}}</p>
        {{#objection}}<p class="status" role="status">{{.}}</p>{{/objection}}
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="wording" value="{{version}}">
        {{#isObjection}}<input type="hidden" name="confirms" value="objection">{{/isObjection}}
        <p id="say">{{say}}:</p>
        <blockquote>{{wording}}</blockquote>
        <button class="main" name="action" value="confirm" aria-describedby="say">{{button}}</button>
        </form>
        <p class="quiet">{{kept}}</p>
        <p class="quiet">{{ignore}}</p>
        {{> bottom}}
        """
}

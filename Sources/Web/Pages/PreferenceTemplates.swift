extension PageTemplates {
    /// One box with what it rests on, and the boxes of its topics.
    static let preference = """
        <div class="item">
        <label class="choice"><input type="checkbox" name="on.{{value}}" value="1" aria-describedby="about-{{value}}"{{#ticked}} checked{{/ticked}}{{#locked}} disabled{{/locked}}> <span>{{name}}</span></label>
        <div class="about" id="about-{{value}}">{{#about}}<p>{{.}}</p>{{/about}}{{#saying}}<p>{{say}}: “{{wording}}”</p>{{/saying}}</div>
        {{#hasTopics}}
        <fieldset class="topics">
        <legend>{{topicsName}}<span class="away">: {{name}}</span></legend>
        {{#topics}}<label class="choice"><input type="checkbox" name="on.{{value}}" value="1"{{#about}} aria-describedby="about-{{value}}"{{/about}}{{#ticked}} checked{{/ticked}}> <span>{{name}}</span></label>
        {{#about}}<p class="about" id="about-{{value}}">{{.}}</p>{{/about}}
        {{/topics}}
        </fieldset>
        {{/hasTopics}}
        </div>

        """

    /// What may be sent and what it rests on.
    static let preferences = """
        {{> top}}
        {{#saved}}<div class="status" role="status"><p>{{.}}</p></div>{{/saved}}
        {{#notice}}<p class="status" role="status">{{.}}</p>{{/notice}}
        <p class="lead">{{lead}}</p>
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="wording" value="{{version}}">
        <input type="hidden" name="was" value="{{boxes}}">
        <input type="hidden" name="objections" value="{{objections}}">
        <fieldset>
        <legend><h2>{{mailName}}</h2></legend>
        {{#mail}}{{> preference}}{{/mail}}
        </fieldset>
        {{#hasTracking}}
        <fieldset aria-describedby="tracking-note">
        <legend><h2>{{trackingName}}</h2></legend>
        <p class="quiet" id="tracking-note">{{trackingNote}}</p>
        {{#tracking}}{{> preference}}{{/tracking}}
        </fieldset>
        {{/hasTracking}}
        <button class="main" name="action" value="save">{{saveName}}</button>
        </form>
        {{#hasService}}
        <section aria-labelledby="service">
        <h2 id="service">{{serviceName}}</h2>
        <p class="quiet">{{serviceNote}}</p>
        {{#service}}<div class="item"><h3>{{name}}</h3><div class="about">{{#about}}<p>{{.}}</p>{{/about}}</div></div>
        {{/service}}
        </section>
        {{/hasService}}
        <section aria-labelledby="stop">
        <h2 id="stop">{{stopName}}</h2>
        <form method="post" action="?lang={{frame.language}}">
        <p>{{stopText}}</p>
        <input type="hidden" name="action" value="stop">
        <button name="scope" value="controller">{{stopButton}}</button>
        {{#stopGroup}}
        <p>{{.}}</p>
        <button name="scope" value="group">{{stopGroupButton}}</button>
        {{/stopGroup}}
        </form>
        </section>
        <section aria-labelledby="rights">
        <h2 id="rights">{{rightsName}}</h2>
        <form method="post" action="?lang={{frame.language}}">
        <input type="hidden" name="action" value="ask">
        <p>{{rightsText}}</p>
        {{#rights}}<button name="right" value="{{value}}">{{name}}</button>
        {{/rights}}
        </form>
        </section>
        {{> bottom}}
        """

    /// The HTML part of a mail: no picture, no colour of its own, nothing that a reader's program would have to fetch.
    static let letter = """
        <!doctype html>
        <html lang="{{frame.language}}">
        <head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{subject}}</title></head>
        <body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; margin: 24px; max-width: 36em">
        <p>{{lead}}</p>
        {{#more}}<p>{{.}}</p>
        {{/more}}{{#link}}<p>{{ask}}:</p>
        <p><a href="{{link}}" style="display: inline-block; padding: 12px 20px; border: 2px solid; border-radius: 8px; font-weight: bold; text-decoration: none">{{button}}</a></p>
        <p style="word-break: break-all">{{link}}</p>
        <p>{{ignore}}</p>
        {{/link}}<p>{{frame.responsible}}{{#frame.number}} {{.}}.{{/frame.number}}{{#frame.address}} {{.}}.{{/frame.address}}</p>
        </body>
        </html>

        """
}

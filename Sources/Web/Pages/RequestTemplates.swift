extension PageTemplates {
    /// A person's own request: what the button does, and what may be filled in.
    static let request = """
        {{> top}}
        <p class="lead">{{lead}}</p>
        <p id="effect">{{effect}}</p>
        <form method="post" action="?lang={{frame.language}}">
        {{#fields}}<label class="field"><span>{{label}}</span><input name="{{name}}" autocomplete="{{autocomplete}}" maxlength="200"></label>
        {{/fields}}
        <button class="main" name="action" value="answer" aria-describedby="effect">{{button}}</button>
        </form>
        {{> bottom}}
        """

    /// Sections of paragraphs, terms and lists.
    static let sections = """
        {{> top}}
        <p class="lead" role="status">{{lead}}</p>
        {{#sections}}
        <section aria-labelledby="{{id}}">
        <h2 id="{{id}}">{{title}}</h2>
        {{#paragraphs}}<p>{{.}}</p>
        {{/paragraphs}}
        {{#hasRows}}
        <dl>
        {{#rows}}<div><dt>{{name}}</dt><dd>{{text}}</dd></div>
        {{/rows}}
        </dl>
        {{/hasRows}}
        {{#hasItems}}
        <ul class="plain">
        {{#items}}<li>{{.}}</li>
        {{/items}}
        </ul>
        {{/hasItems}}
        </section>
        {{/sections}}
        {{> bottom}}
        """
}

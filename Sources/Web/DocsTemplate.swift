/// The page's text around the description (Mustache).
enum DocsTemplate {
    static let text = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}}: the API</title>
        <link rel="stylesheet" href="/docs/style.css">
        </head>
        <body>
        <header>
        <h1>{{title}}</h1>
        <p class="lead">{{summary}}</p>
        </header>
        <nav aria-label="Contents">
        {{#groups}}
        <h2>{{name}}</h2>
        <ul>
        {{#operations}}
        <li><a href="#{{id}}"><b class="{{method}}">{{method}}</b> <code>{{path}}</code></a></li>
        {{/operations}}
        </ul>
        {{/groups}}
        <h2>more</h2>
        <ul>
        <li><a href="#problems">Problems</a></li>
        <li><a href="/openapi.json">OpenAPI 3.1</a></li>
        </ul>
        </nav>
        <main>
        <section class="about">
        <p>{{text}}</p>
        <p>{{key}}</p>
        <pre tabindex="0">curl "$MAYSEND_URL/v1/eligibility" \\
          -H "Authorization: Bearer $MAYSEND_API_KEY" \\
          -H "Content-Type: application/json" \\
          -d '{"address": "kari.nordmann@firma.example", "purpose": "newsletter"}'</pre>
        </section>
        {{#groups}}
        <section>
        <h2>{{name}}</h2>
        <p>{{text}}</p>
        {{#operations}}
        <article id="{{id}}">
        <h3><b class="{{method}}">{{method}}</b> <code>{{path}}</code></h3>
        <p class="lead">{{summary}}</p>
        <p>{{text}}</p>
        {{#scopes}}<p>Scope: <b>{{scopes}}</b></p>{{/scopes}}
        <div class="columns">
        <div>
        {{#fields}}{{#first()}}<h4>Fields</h4><dl>{{/first()}}<dt><code>{{name}}</code>{{#required}} \
        <em>required</em>{{/required}} <span>{{type}}</span></dt>
        <dd>{{text}}</dd>
        {{#last()}}</dl>{{/last()}}{{/fields}}
        {{#parameters}}{{#first()}}<h4>Parameters</h4><dl>{{/first()}}<dt><code>{{name}}</code></dt>
        <dd>{{text}}</dd>
        {{#last()}}</dl>{{/last()}}{{/parameters}}
        <h4>Answers</h4>
        <dl class="statuses">
        {{#statuses}}<dt>{{status}}</dt>
        <dd>{{text}}{{#codes}}<a href="#{{.}}"><code>{{.}}</code></a>{{^last()}}, {{/last()}}{{/codes}}</dd>
        {{/statuses}}</dl>
        </div>
        <div>
        {{#request}}<figure><figcaption>Request: {{name}}</figcaption><pre tabindex="0">{{json}}</pre></figure>
        {{/request}}
        {{#answers}}<figure><figcaption>Answer: {{name}}</figcaption><pre tabindex="0">{{json}}</pre></figure>
        {{/answers}}
        </div>
        </div>
        </article>
        {{/operations}}
        </section>
        {{/groups}}
        <section id="problems">
        <h2>problems</h2>
        <p>Every error is <code>application/problem+json</code> with <code>type</code>, <code>title</code>, \
        <code>status</code>,
        <code>code</code> and <code>detail</code>, and where it has one the <code>pointer</code> of the field, the
        <code>parameter</code>, and what is <code>known</code>.</p>
        <table>
        <thead><tr><th>Status</th><th>Code</th><th>What it is</th></tr></thead>
        <tbody>
        {{#problems}}<tr id="{{code}}"><td>{{status}}</td><td><code>{{code}}</code></td><td>{{title}}</td></tr>
        {{/problems}}</tbody>
        </table>
        </section>
        </main>
        </body>
        </html>
        """
}

/// How the page looks.
enum DocsStyle {
    static let mediaType = "text/css; charset=utf-8"
    static let sheet = """
        :root {
          color-scheme: light dark;
          --ink: #1c2024; --dim: #5b6570; --paper: #fbfbfa; --card: #fff; --line: #dfe3e6; --code: #f1f3f4;
          --get: #0b6b4f; --post: #1f4fbf;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ink: #e6e8ea; --dim: #9aa5b1; --paper: #14171a; --card: #1b1f23; --line: #2e353b; --code: #22282d;
            --get: #58c9a3; --post: #8fb2ff;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-behavior: smooth; }
        @media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
        body {
          margin: 0; display: grid; grid-template: "head head" auto "nav main" 1fr / 17rem minmax(0, 1fr);
          font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
        }
        header { grid-area: head; padding: 1.5rem 2rem 1rem; border-bottom: 1px solid var(--line); }
        h1 { margin: 0; font-size: 1.6rem; }
        h2 { margin: 0 0 .25rem; font-size: 1.15rem; text-transform: capitalize; }
        h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
        h4 { margin: 1rem 0 .25rem; font-size: .85rem; color: var(--dim); }
        p { margin: .4rem 0; max-width: 46rem; }
        .lead { font-weight: 600; }
        nav {
          grid-area: nav; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto;
          padding: 1.25rem 1rem 2rem 2rem; font-size: .875rem;
        }
        nav h2 { margin-top: 1rem; font-size: .8rem; color: var(--dim); }
        nav ul { list-style: none; margin: 0; padding: 0; }
        nav li { margin: .2rem 0; overflow-wrap: anywhere; }
        a { color: inherit; text-decoration: none; }
        a:hover, a:focus-visible { text-decoration: underline; }
        main { grid-area: main; padding: 1.25rem 2rem 4rem 1rem; }
        section { margin-bottom: 2.5rem; }
        article {
          margin: 1rem 0; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line); \
          border-radius: .5rem;
        }
        .columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 2rem; }
        code, pre { font: .875em/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
        .GET { color: var(--get); }
        .POST { color: var(--post); }
        .GET, .POST { font: 700 .75rem ui-monospace, monospace; }
        dl { margin: 0; }
        dt { margin-top: .4rem; }
        dt span { color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; }
        dt em { color: var(--dim); font-size: .85rem; }
        dd { margin: 0 0 0 1rem; color: var(--dim); font-size: .9rem; }
        .statuses { display: grid; grid-template-columns: 3rem minmax(0, 1fr); }
        .statuses dt, .statuses dd { margin: .2rem 0; font-size: .875rem; }
        figure { margin: 1rem 0; }
        figcaption { font-size: .85rem; color: var(--dim); }
        pre { margin: .25rem 0 0; padding: .75rem; overflow: auto; background: var(--code); border-radius: .375rem; }
        table { border-collapse: collapse; width: 100%; max-width: 52rem; font-size: .9rem; }
        th, td { padding: .35rem .75rem .35rem 0; text-align: left; border-bottom: 1px solid var(--line); \
        vertical-align: top; }
        :target { outline: 2px solid var(--post); outline-offset: 2px; }
        @media (max-width: 60rem) {
          body { display: block; }
          nav { position: static; max-height: none; padding: 1rem 1.25rem 0; }
          main, header { padding-left: 1.25rem; padding-right: 1.25rem; }
          .columns { display: block; }
        }
        """
}

/// How the pages look: one column, the reader's own letters, light or dark as the reader has it.
///
/// Every colour has at least 4.5:1 on what it stands on, and borders of controls 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); every
/// control is at least 44 px high (2.5.8 asks for 24).
enum PageStyle {
    static let sheet = """
        :root {
          color-scheme: light dark;
          --ground: #f4f2ee; --sheet: #fffefc; --ink: #22272b; --soft: #565d63; --line: #dedad2;
          --edge: #767d83; --main: #0d5c56; --on-main: #ffffff; --main-hover: #0a4743; --tint: #e6f0ee; --focus: #0b57d0;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14171a; --sheet: #1c2024; --ink: #e9e6e1; --soft: #b0b5b9; --line: #353b41;
            --edge: #8b9399; --main: #86d3ca; --on-main: #0d1f1d; --main-hover: #a9e2db; --tint: #20302f; --focus: #a8c7fa;
          }
        }
        *, *::before, *::after { box-sizing: border-box; }
        html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; padding: 0 1rem 3rem; background: var(--ground); color: var(--ink); line-height: 1.55;
          font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
          overflow-wrap: break-word;
        }
        header, main, footer { max-width: 38rem; margin: 0 auto; }
        header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between;
          padding: 1.25rem .25rem .9rem; }
        .company { margin: 0; font-weight: 650; letter-spacing: .005em; }
        nav ul, .links { display: flex; flex-wrap: wrap; gap: 0 .25rem; margin: 0; padding: 0; list-style: none; }
        nav { margin-left: -.5rem; }
        nav a, nav span { display: inline-block; padding: .6rem .5rem; line-height: 1.5; font-size: .9rem; }
        nav span { color: var(--ink); font-weight: 650; }
        a { color: var(--main); text-underline-offset: .18em; text-decoration-thickness: 1px; }
        a:hover { color: var(--main-hover); text-decoration-thickness: 2px; }
        main { background: var(--sheet); border: 1px solid var(--line); border-radius: 1rem; padding: 2.25rem 2.5rem 2.5rem; }
        h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.2; font-weight: 680; letter-spacing: -.012em;
          text-wrap: balance; }
        h2 { margin: 0; font-size: 1.2rem; line-height: 1.3; font-weight: 660; }
        h3 { margin: 0; font-size: 1rem; line-height: 1.45; font-weight: 650; }
        p { margin: 0 0 .9rem; }
        .lead { font-size: 1.075rem; text-wrap: pretty; }
        .quiet, .about, footer { color: var(--soft); font-size: .925rem; }
        section, form > fieldset { margin: 2.25rem 0 0; padding: 2rem 0 0; border: 0; border-top: 1px solid var(--line); }
        section form > fieldset { margin: 0; padding: 0; border: 0; }
        section > h2 { margin-bottom: .6rem; }
        fieldset { min-width: 0; margin: 0; padding: 0; border: 0; }
        legend { padding: 0; }
        form > fieldset > legend { float: left; width: 100%; margin-bottom: .6rem; }
        form > fieldset > legend + * { clear: both; }
        section form + form, details, details + form { margin-top: 1.5rem; }
        details + details { margin-top: .25rem; }
        details form { padding: .25rem 0 .75rem; }
        summary { min-height: 2.75rem; padding: .6rem 0; font-weight: 600; color: var(--main); cursor: pointer; }
        summary:hover { color: var(--main-hover); }
        .status { margin: 0 0 1.25rem; padding: .75rem 1rem; background: var(--tint); border-left: .25rem solid var(--main);
          border-radius: .35rem; }
        .status p { margin: 0; }
        .status p + p { margin-top: .4rem; }
        dl { margin: 0 0 1.25rem; padding: .35rem 1.1rem; background: var(--tint); border-radius: .6rem; }
        dl > div { display: grid; grid-template-columns: 8.5rem 1fr; gap: .1rem 1rem; padding: .6rem 0; }
        dl > div + div { border-top: 1px solid var(--line); }
        dd ul { margin: 0; padding: 0; list-style: none; }
        dd li + li { margin-top: .2rem; }
        .plain { margin: 0 0 1.4rem; padding-left: 1.2rem; }
        .plain li { padding: .1rem 0; }
        .number { white-space: nowrap; }
        dt { color: var(--soft); }
        dd { margin: 0; font-weight: 600; }
        blockquote { margin: 0 0 1rem; padding: .1rem 0 .1rem 1rem; border-left: .2rem solid var(--main); }
        blockquote.small { font-size: .925rem; }
        button { display: inline-block; min-height: 2.75rem; margin: 0 .5rem .6rem 0; padding: .6rem 1.15rem; font: inherit;
          font-weight: 600; line-height: 1.3; text-align: left; color: var(--main); background: transparent;
          border: 1.5px solid var(--main); border-radius: .6rem; cursor: pointer; }
        button:hover { background: var(--tint); color: var(--main-hover); border-color: var(--main-hover); }
        button.main { padding: .75rem 1.6rem; color: var(--on-main); background: var(--main); }
        button.main:hover { color: var(--on-main); background: var(--main-hover); }
        form > button.main { margin-top: 1rem; }
        form > blockquote + button.main { margin-top: .25rem; }
        form + .quiet { margin-top: 1rem; }
        fieldset + button { margin-top: .9rem; }
        main > :last-child, main > :last-child > :last-child { margin-bottom: 0; }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 3px; border-radius: .3rem; }
        .choice { display: grid; grid-template-columns: 1.5rem 1fr; gap: .75rem; align-items: start; min-height: 2.75rem;
          padding: .55rem 0; cursor: pointer; }
        input[type=checkbox], input[type=radio] { width: 1.5rem; height: 1.5rem; margin: .05rem 0 0; accent-color: var(--main);
          cursor: pointer; }
        input:disabled, .choice:has(input:disabled) { cursor: not-allowed; }
        .field { display: block; margin: 0 0 1rem; font-weight: 600; }
        .field span { display: block; margin-bottom: .3rem; }
        .field input { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; font-weight: 400;
          color: var(--ink); background: var(--sheet); border: 1.5px solid var(--edge); border-radius: .6rem; }
        .item { padding: .45rem 0 .7rem; }
        .item + .item { border-top: 1px solid var(--line); }
        .item > .choice { font-weight: 600; padding-bottom: .15rem; }
        .about { margin: 0 0 .3rem 2.25rem; }
        .item > h3 + .about { margin-left: 0; }
        .about p { margin: 0 0 .25rem; }
        .topics { margin: .5rem 0 0 2.25rem; }
        .topics legend { color: var(--soft); font-size: .925rem; }
        .away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        .again { display: inline-block; padding: .6rem 0; font-weight: 600; }
        footer { padding: 1.5rem .25rem 0; }
        footer p { margin: 0 0 .5rem; }
        address { margin: 0 0 .5rem; font-style: normal; }
        .links { gap: 0 1.25rem; margin: 0 0 .25rem; }
        .links a { display: inline-block; padding: .45rem 0; }
        @media (max-width: 30rem) {
          body { padding: 0 .75rem 2rem; }
          header { padding: .75rem .25rem .5rem; }
          main { padding: 1.6rem 1.25rem 1.75rem; border-radius: .85rem; }
          h1 { font-size: 1.5rem; }
          button { display: block; width: 100%; margin-right: 0; text-align: center; }
          dl > div { grid-template-columns: 1fr; }
          .topics { margin-left: 1rem; }
        }
        @media (forced-colors: active) { button.main { border-width: 3px; } }
        @media print { nav, form { display: none; } body { background: none; } main { border: 0; padding: 0; } }
        """
}

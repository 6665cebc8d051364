"""WeChat's official account: calls (client), sign-in (oauth), callback, template fields, errors."""

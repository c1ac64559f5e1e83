// The page of the REST interface.
"use strict";

SwaggerUIBundle({ url: document.getElementById("swagger-ui").dataset.url, dom_id: "#swagger-ui", layout: "BaseLayout" });

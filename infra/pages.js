// Runs in CloudFront before and after the cabinet's bucket, never before the API. An address of the
// cabinet is its one page; an unknown one is that page too, which says so, under 404. The package puts
// the first words of the addresses where PAGES stands. Custom error responses of the distribution could
// do the same, but they would also take the place of what the API refuses.
var PAGES = [];
var UNKNOWN = 'x-lkk-unknown-page';

function handler(event) {
  var request = event.request;
  if (event.context.eventType === 'viewer-response') {
    var response = event.response;
    // Whether the address is the one that was asked for or already the page's, the mark tells.
    if (response.statusCode === 200 && (request.headers[UNKNOWN] || isUnknown(request.uri))) {
      response.statusCode = 404;
      response.statusDescription = 'Not Found';
    }
    return response;
  }
  delete request.headers[UNKNOWN];
  if (isPage(request.uri)) {
    if (isUnknown(request.uri)) request.headers[UNKNOWN] = { value: '1' };
    request.uri = '/index.html';
  }
  return request;
}

function isPage(uri) {
  return uri.slice(uri.lastIndexOf('/')).indexOf('.') < 0;
}

function isUnknown(uri) {
  return isPage(uri) && uri !== '/' && PAGES.indexOf(uri.split('/')[1]) < 0;
}

//! Somebody who is signed in. Requests go over HTTP, the subscription over a WebSocket.

use std::time::Duration;

use graphql_client::{GraphQLQuery, Response};
use tokio::sync::Mutex;

use crate::api::{RefreshToken, SignIn, SignUp, refresh_token, sign_in, sign_up};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The session has ended. Sign in again.")]
    SignedOut,
    /// The server's answer, with its documented code.
    #[error("{message} ({code})")]
    Refused { code: String, message: String },
    #[error("The server could not be reached.")]
    Unreachable(#[from] reqwest::Error),
}

impl Error {
    pub fn has_code(&self, expected: &str) -> bool {
        matches!(self, Error::Refused { code, .. } if code == expected)
    }
}

pub struct Session {
    http: reqwest::Client,
    url: String,
    tokens: Mutex<Tokens>,
}

#[derive(Default)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Session {
    /// Makes the account if there is none.
    pub async fn sign_in_or_up(url: String, handle: String, password: String) -> Result<Self, Error> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        let session = Session { http, url, tokens: Mutex::default() };
        let variables = sign_in::Variables { handle: handle.clone(), password: password.clone() };
        let tokens = match session.post::<SignIn>(None, variables).await {
            Ok(answer) => Tokens { access: answer.sign_in.access_token, refresh: answer.sign_in.refresh_token },
            Err(error) if error.has_code("UNAUTHENTICATED") => {
                // CONFLICT means that the account exists and the password is wrong.
                let variables = sign_up::Variables { display_name: handle.clone(), handle, password };
                let answer = session.post::<SignUp>(None, variables).await?;
                Tokens { access: answer.sign_up.access_token, refresh: answer.sign_up.refresh_token }
            }
            Err(error) => return Err(error),
        };
        *session.tokens.lock().await = tokens;
        Ok(session)
    }

    /// Runs an operation, and again with a fresh token if the token has ended.
    pub async fn call<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Q::ResponseData, Error>
    where
        Q::Variables: Clone,
    {
        let token = self.access_token().await;
        match self.post::<Q>(Some(&token), variables.clone()).await {
            Err(error) if error.has_code("UNAUTHENTICATED") => {
                self.renew(&token).await?;
                self.post::<Q>(Some(&self.access_token().await), variables).await
            }
            result => result,
        }
    }

    /// Trades the refresh token for new tokens, unless that was done since the token was used.
    pub async fn renew(&self, ended: &str) -> Result<(), Error> {
        let mut tokens = self.tokens.lock().await;
        if tokens.access != ended {
            return Ok(());
        }
        let variables = refresh_token::Variables { refresh_token: tokens.refresh.clone() };
        match self.post::<RefreshToken>(None, variables).await {
            Ok(answer) => {
                tokens.access = answer.refresh_token.access_token;
                tokens.refresh = answer.refresh_token.refresh_token;
                Ok(())
            }
            Err(error) if error.has_code("UNAUTHENTICATED") => Err(Error::SignedOut),
            Err(error) => Err(error),
        }
    }

    pub async fn access_token(&self) -> String {
        self.tokens.lock().await.access.clone()
    }

    pub fn web_socket_url(&self) -> String {
        self.url.replacen("http", "ws", 1)
    }

    async fn post<Q: GraphQLQuery>(
        &self,
        token: Option<&str>,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData, Error> {
        let mut request = self.http.post(&self.url).json(&Q::build_query(variables));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer: Response<Q::ResponseData> = request.send().await?.json().await?;
        if let Some(error) = answer.errors.into_iter().flatten().next() {
            let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
            let code = code.and_then(|code| code.as_str()).unwrap_or_default().to_owned();
            return Err(Error::Refused { code, message: error.message });
        }
        answer.data.ok_or_else(|| Error::Refused { code: String::new(), message: "No data.".into() })
    }
}
